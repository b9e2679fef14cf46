// A bug in the package does not end the program: when the wasm traps, its calls reject, and the next call gets a new instance.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { asFetch } from "../shared/fetch.mjs";
import { watchInstances } from "../shared/instances.mjs";

const instances = watchInstances();
const { getOperation, listOperations, runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");

const BASE = "https://graph.microsoft.com/beta/teamwork/devices/d/operations";
const TIMEOUT = { timeout: 10_000 };

const cause = new WebAssembly.RuntimeError("unreachable");
const trap = () => {
  instances[instances.length - 1].trap = cause;
};
const escaped = [];
const note = (error) => escaped.push(error);

beforeEach(() => {
  escaped.length = 0;
  process.on("uncaughtException", note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("uncaughtException", note);
  assert.deepEqual(escaped, []);
});

const polled = (status) => Response.json({ value: { id: "o", operationType: "deviceDiagnostics", status } });
const running = async () => polled("InProgress");
const works = () => getOperation(`${BASE}/new`, { token: "t", fetch: running });

test("every call of the instance rejects with its own location; later calls work", TIMEOUT, async () => {
  let polls = 0;
  const fetch = async () => {
    if (++polls === 4) trap();
    return polled("InProgress");
  };
  const one = waitForOperation(`${BASE}/one`, { token: "secret", fetch, pollInterval: 10 });
  const other = waitForOperation(`${BASE}/other`, { token: "secret", fetch: running, pollInterval: 60_000 });
  const endings = /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled([one, other]));
  const [first, second] = endings.map(({ reason }) => reason);
  for (const [error, name] of [
    [first, "one"],
    [second, "other"],
  ]) {
    assert.equal(error.name, "DiagnosticsError");
    assert.equal(error.code, "internal");
    assert.equal(error.location, `${BASE}/${name}`);
    assert.equal(error.mayHaveStarted, false);
    assert.equal(error.cause, cause);
    assert.ok(error.hint);
    assert.doesNotMatch(JSON.stringify(error), /secret/);
  }
  assert.equal((await works()).status, "InProgress");
  assert.equal(polls, 4, "no request after the end");
});

test("after a trap a run may have started, and the error has the location of a 202 that the wasm did not read", TIMEOUT, async () => {
  const token = "a-token-as-long-as-real-ones";
  const startAt = async (location) => {
    const fetch = async () => {
      trap();
      return new Response(null, { status: 202, headers: location ? { location } : {} });
    };
    const error = await runDiagnostics(token, "device", { fetch }).catch((error) => error);
    assert.deepEqual([error.code, error.deviceId, error.mayHaveStarted], ["internal", "device", true]);
    assert.ok(await works());
    return error.location;
  };
  assert.equal(await startAt(`${BASE}/o`), `${BASE}/o`);
  // The location is as Graph wrote it; a wait would check it.
  assert.equal(await startAt("/teamwork/devices/d/operations/o"), "/teamwork/devices/d/operations/o");
  for (const none of [undefined, `${BASE}/o?${token}`, `${BASE}/o?${token.replace("-", "%2D")}`])
    assert.equal(await startAt(none), undefined);
});

const accepted = async () => new Response(null, { status: 202, headers: { location: "/teamwork/devices/d/operations/o" } });

test("if Graph accepted the run before the trap, the error has its location", TIMEOUT, async () => {
  const { signal } = new AbortController();
  const started = [];
  const own = await runDiagnostics("t", "d", { fetch: accepted, onProgress: trap }).catch((error) => error);
  // Its callback has not settled when another call traps.
  /** @param {any} event of any type, so that absent members are undefined */
  const onProgress = ({ type, location }) => new Promise(() => started.push(`${type} ${location}`));
  const waiting = runDiagnostics("t", "d", { fetch: accepted, onProgress, signal });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(started, [`started ${BASE}/o`]);
  trap();
  await assert.rejects(works(), { code: "internal" });
  for (const error of [own, await waiting.catch((error) => error)]) {
    assert.deepEqual([error.code, error.location, error.deviceId, error.mayHaveStarted], ["internal", `${BASE}/o`, "d", true]);
  }
  assert.equal((await getOperation(own.location, { token: "t", fetch: running })).status, "InProgress");
});

test("the error of a trap repeats no argument that may be a token", TIMEOUT, async () => {
  const jwt = "eyJ0eXAi.eyJhdWQi.c2ln";
  const opaque = "EwB4+A8/l6BAAUyg==";
  const spelled = "https://graph.microsoft.com/beta/EwB4%2BA8%2fl6BAAUyg";
  for (const make of [
    () => runDiagnostics(jwt, jwt),
    () => listOperations("t", /** @type {any} */ ({ toString: () => jwt })).next(),
    () => waitForOperation(jwt),
    () => waitForOperation(jwt.replaceAll(".", "%2E"), { token: "=" }),
    () => waitForOperation(spelled, { token: opaque }),
    () => runDiagnostics(` ${opaque}`, `id of ${opaque}`),
  ]) {
    await works();
    trap();
    const error = await make().catch((error) => error);
    assert.deepEqual([error.code, error.deviceId, error.location], ["internal", undefined, undefined]);
  }
  await works();
});

test("a list ends after a trap, also if it is read further", TIMEOUT, async () => {
  const broken = listOperations("t", "d", { fetch: async () => Response.json({ value: [] }) });
  trap();
  await assert.rejects(broken.next(), { code: "internal", deviceId: "d", mayHaveStarted: false });
  assert.deepEqual(await broken.next(), { value: undefined, done: true });

  const pages = [{ value: [{ id: "a" }], "@odata.nextLink": `${BASE}?page=2` }, { value: [{ id: "b" }] }];
  const interrupted = listOperations("t", "d", { fetch: async () => Response.json(pages.shift()) });
  assert.equal((await interrupted.next()).value.id, "a");
  trap();
  await assert.rejects(works(), { code: "internal" });
  await assert.rejects(interrupted.next(), { code: "internal" });
  assert.ok(await works());
});

test("the calls leave no timer that keeps the program alive, no request and no listener", TIMEOUT, async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const { signal } = new AbortController();
  let request;
  const never = asFetch((_url, { signal }) => new Promise(() => (request = signal)));
  const calls = [
    waitForOperation(`${BASE}/between`, { token: "t", fetch: running, pollInterval: 60_000, signal }),
    waitForOperation(`${BASE}/open`, { token: "t", fetch: never }),
    waitForOperation(`${BASE}/token`, { token: () => new Promise(() => {}), fetch: never }),
  ];
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(timers() > before);
  trap();
  await assert.rejects(works(), { code: "internal" });
  for (const { reason } of /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled(calls))) assert.equal(reason.code, "internal");
  assert.equal(timers(), before);
  assert.equal(request.aborted, true);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("no error of a trap shows a token that was passed in place of another argument", TIMEOUT, async () => {
  const jwt = "eyJ0eXAi.eyJhdWQi.c2ln-_";
  const long = "x".repeat(1_025);
  const make = [
    () => runDiagnostics("opaque", "opaque"),
    () => runDiagnostics("opaque", " opaque\n"),
    () => runDiagnostics("t", jwt),
    () => runDiagnostics("t", long),
    () => runDiagnostics("t", /** @type {any} */ ({ toString: () => assert.fail("of the caller") })),
    () => listOperations("opaque", "opaque").next(),
    () => waitForOperation("opaque", { token: "opaque" }),
    () => getOperation(jwt, { token: "t" }),
    () =>
      waitForOperation(long, {
        /** @returns {string} */
        get token() {
          throw new Error("of the caller");
        },
      }),
  ];
  for (const [number, call] of make.entries()) {
    await works();
    trap();
    const error = await call().catch((error) => error);
    assert.equal(error.code, "internal", String(number));
    assert.ok(!("deviceId" in error || "location" in error), `${number}: ${JSON.stringify(error)}`);
  }
  await works();
  trap();
  await assert.rejects(runDiagnostics("opaque", "d"), { code: "internal", deviceId: "d" });
});
