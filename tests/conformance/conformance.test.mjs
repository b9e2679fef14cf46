// Conformance of the built package: every case of `conformance.json`, with an injected fetch and a virtual clock. `../conformance.rs` runs
// the same cases against the core.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { beOffline, forgetTimers, isSettled, now, setDate, sleepIn } from "./clock.mjs";
import { CHECKS, checkAlways } from "./checks.mjs";
import { scripted } from "./script.mjs";

const { cases, count } = JSON.parse(readFileSync(new URL("../conformance.json", import.meta.url), "utf8"));
const LEVELS = ["debug", "error", "info", "log", "trace", "warn"];

test("the names of the cases are unique, and no case is missing", () => {
  assert.deepEqual([new Set(cases.map(({ id }) => id)).size, cases.length], [count, count]);
});

for (const { id, given, expected, runs = [{}] } of cases) {
  test(id, async () => {
    assert.notEqual(runs.length, 0);
    for (const [number, run] of runs.entries()) {
      const said = merged(given, expected, run);
      await carriedOut(said)
        .then((seen) => checkEach(seen, said))
        .catch((cause) => assert.fail(`run ${number}: ${cause.message}`));
    }
  });
}

function checkEach(seen, said) {
  checkAlways(seen);
  for (const [name, member] of Object.entries(said)) {
    assert.ok(Object.hasOwn(CHECKS, name), `nobody knows what ${name} is`);
    CHECKS[name](seen, member);
  }
}

/** The members of the case, overridden by those of the run. */
function merged(given, expected, run) {
  const members = Object.entries({ ...given, ...expected, ...run });
  return Object.fromEntries(members.filter(([name, value]) => value !== null && name !== "note"));
}

let copies = 0;
/** A new copy of the package for each run, so that no run uses what another has remembered. It is loaded in real time. */
async function freshPackage() {
  const copy = await import(`../../pkg/dist/index.js?copy=${++copies}`);
  await assert.rejects(copy.runDiagnostics("", ""), copy.DiagnosticsError);
  return copy;
}

/** Makes the calls of a run, and advances the clock until nothing is left to do. */
async function carriedOut(said) {
  const devices = Array.from({ length: said.devices ?? 1 }, (_, index) => `d${index + 1}`);
  const exchanges = devices.flatMap((device) => JSON.parse(exchangesText(said).replaceAll("{device}", device)));
  const options = Object.fromEntries(
    Object.entries(said.options ?? {}).map(([name, value]) => [name, value === "Infinity" ? Infinity : value]),
  );
  const origin = new URL(options.baseUrl ?? "https://graph.microsoft.com").origin;
  const script = scripted(origin, exchanges);
  const { signal, outcome } = abortion(said.abort);
  /** @type {import("./checks.mjs").Run} */
  const run = {
    said,
    origin,
    script,
    tokenRequests: [],
    events: [],
    logged: [],
    calls: devices.length,
    endings: [],
    began: 0,
    ended: 0,
    requests: 0,
    hasEnded: false,
    timersLeft: 0,
    outcome,
  };
  const onProgress = (event) => run.events.push(event);
  const copy = await freshPackage();
  const makeCall = CALLS[said.calls ?? "run"];
  const call = async (device) =>
    makeCall(copy, source(said, run.tokenRequests), said.device ?? device, { ...options, fetch: script.fetch, signal, onProgress }, said);

  const unhear = hear(run.logged);
  setDate(said.now ?? "2026-06-01T00:00:00Z");
  if (said.sleep_ms) sleepIn(said.sleep_ms);
  if (said.offline_ms) beOffline(said.offline_ms);
  run.began = now();
  const all = Promise.allSettled(devices.map(call)).then((endings) => {
    Object.assign(run, { endings, ended: now(), requests: script.sent.length });
  });
  run.hasEnded = await isSettled(all);
  run.timersLeft = forgetTimers();
  unhear();
  return run;
}

/** The exchanges, with their placeholders replaced. */
const exchangesText = ({ exchanges, with: values = {} }) =>
  Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(`"<${name}>"`, () => JSON.stringify(value)),
    JSON.stringify(exchanges),
  );

const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d1/operations/op1";

/** The calls, by their names in the cases. */
const CALLS = {
  run: async (copy, token, device, options) => copy.waitForOperation(await copy.runDiagnostics(token, device, options), options),
  start: (copy, token, device, options) => copy.runDiagnostics(token, device, options),
  wait: (copy, token, _, options, { location = LOCATION }) => copy.waitForOperation(location, { ...options, token }),
  get: (copy, token, _, options, { location = LOCATION }) => copy.getOperation(location, { ...options, token }),
  operations: (copy, token, device, options) => ids(copy.listOperations(token, device, options)),
  devices: (copy, token, _, options) => ids(copy.listDevices(token, options)),
};

async function ids(items) {
  const found = [];
  for await (const { id } of items) found.push(id);
  return found;
}

/** The token source: a function that returns the tokens in turn and then the last one again, or a text, which cannot be renewed. */
function source({ tokens, token_text: text = "T" }, requests) {
  if (!tokens) return text;
  return async (request) => {
    requests.push(request);
    const token = tokens[Math.min(requests.length, tokens.length) - 1];
    if (token?.fails) throw new Error(token.fails);
    return token?.hangs ? new Promise(() => {}) : token;
  };
}

/** The signal of a case, if it has one, and a function that names an ending as the cases do. */
function abortion(when) {
  const controller = new AbortController();
  const reason = new Error("the caller's own reason");
  if (when === "before") controller.abort(reason);
  else if (when) setTimeout(() => controller.abort(reason), when.after_ms);
  /** @type {import("./checks.mjs").Run["outcome"]} */
  const outcome = ({ status, reason: thrown }) => (status === "fulfilled" ? "resolve" : thrown === reason ? "abort" : "reject");
  return { signal: when && controller.signal, outcome };
}

/** Records what is logged; returns a function that stops this. */
function hear(logged) {
  const own = LEVELS.map((level) => [level, console[level]]);
  for (const level of LEVELS) console[level] = (...args) => logged.push([level, ...args]);
  return () => Object.assign(console, Object.fromEntries(own));
}
