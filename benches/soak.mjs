// Runs very many operations through the package in one Node process, to check that memory stays flat and nothing is left at the end.
//
//   npm run soak                          100,000 operations, about two minutes
//   npm run soak -- --operations 20000    another number; with fewer operations the trend of the heap means little
//
// The built package runs against a scripted Graph in memory, 64 calls at a time, in a mix of all ways in which a call can end. Timers of
// up to ten seconds fire after a thousandth of their time. Longer ones are time limits of requests and calls, and are not changed.
//
// After every 5,000 operations, with nothing in flight and after a garbage collection, it takes a measurement. "Flat" means, from the end
// of the warm-up to the end of the run:
// - WebAssembly memory does not grow at all (it grows in steps of 64 KiB), and WebAssembly does not hold more JavaScript values,
// - the trend of the JavaScript heap is below 8 bytes per operation: less than one leaked pointer.
// "Nothing left" means that there is no timer (counted here and by Node), listener or request at any measurement.
//
// The operations of the mix are all followed until they end. Operations that no call follows stay in the token store, which keeps the last
// 10,000. Therefore 10,000 operations are started and left alone at the end, six times. The first round fills the store. The second may
// take another page, because the freed entries have other sizes than the new ones. Later rounds must not take any memory.
import { spawnSync } from "node:child_process";
import { getEventListeners, setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { watchInstances } from "../tests/shared/instances.mjs";
import * as graph from "../tests/shared/scripted-graph.mjs";

const IN_FLIGHT = 64;
const MEASURE_EVERY = 5_000;
const REMEMBERED = 10_000;
const LEFT_ALONE_ROUNDS = 6;
const WARM_UP = 20_000;
const HEAP_BYTES_PER_OPERATION = 8;

if (globalThis.gc === undefined) {
  const args = ["--expose-gc", fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
}
const { values } = parseArgs({ options: { operations: { type: "string", default: "100000" } } });
const OPERATIONS = Number(values.operations);
if (!Number.isInteger(OPERATIONS) || OPERATIONS < 1) throw new Error("--operations must be a whole number, 1 or more");

const timers = countTimers();
const page = pretendPage();
const instances = watchInstances();
const { getOperation, listOperations, runDiagnostics, waitForOperation } = await import("../pkg/dist/index.js");

const service = new graph.ScriptedGraph();
const { fetch } = service;
const forEver = new AbortController().signal; // the hard case: a signal that outlives every call
setMaxListeners(0, forEver, document, page);
const token = "a-token-as-long-as-a-short-one-is";
let events = 0;
/** The number of the next operation. */
let next = 0;
const onProgress = () => (events += 1);
const shared = { fetch, onProgress, signal: forEver };

/**
 * What a customer does with a device, in this order.
 *
 * @typedef {object} Scenario
 * @property {import("teams-device-diagnostics").TokenSource} [token]
 * @property {import("teams-device-diagnostics").RunOptions} [options] of both calls
 * @property {import("teams-device-diagnostics").WaitOptions} [waiting] of the wait
 * @property {string} [code] of the expected error
 * @property {string} [at] when the signal fires
 * @property {import("../tests/shared/scripted-graph.mjs").Respond} [later] the response when the customer waits for the operation again
 *
 * @typedef {Scenario & Parameters<typeof service.expect>[1]} Scripted
 */

const SCENARIOS = {
  succeeds: follows({ polls: [graph.queued, graph.running, graph.running, graph.successful] }),
  fails: follows({ polls: [graph.queued, graph.failed], code: "operationFailed" }),
  "is cancelled": follows({ polls: [graph.running, graph.cancelled], code: "operationCancelled" }),
  "throttled, Retry-After: 0": follows({ start: [graph.throttled, graph.accepted], polls: [graph.throttled, graph.successful] }),
  "unavailable for a moment": follows({ start: [graph.unavailable, graph.accepted], polls: [graph.unavailable, graph.successful] }),
  "connection lost at a poll": follows({ polls: [graph.queued, graph.lost, graph.successful] }),
  "no response to a poll": follows({ polls: [graph.silence, graph.successful], options: { timeout: 9_000 } }),
  "body never ends": follows({ polls: [graph.endlessBody, graph.successful], options: { timeout: 9_000 } }),
  "response is not JSON": follows({ polls: [graph.noJson], code: "protocol", waiting: { patience: 0 }, later: graph.successful }),
  "token from a function": follows({ token: () => token }),
  "token from a slow function": follows({ token: () => new Promise((resolve) => setTimeout(resolve, 1, token)) }),
  "token from a credential": follows({ token: credential(), polls: [graph.queued, graph.successful] }),
  "token renewed for claims": follows({ token: credential(), polls: [graph.challenge, graph.successful] }),
  "token source fails": starts({ token: () => Promise.reject(new Error("signed out")), code: "unauthorized" }),
  "not allowed": starts({ start: [graph.forbidden], code: "forbidden" }),
  conflict: starts({ start: [graph.conflict], lists: [graph.listed("Queued")], code: "conflict", later: graph.successful }),
  "conflict, attached": follows({
    start: [graph.conflict],
    lists: [graph.listed("InProgress")],
    options: { onConflict: "attach" },
  }),
  "start lost, found in the list": follows({ start: [graph.lost], lists: [graph.listed("InProgress")] }),
  "start unanswered, found in the list": follows({
    start: [graph.silence],
    lists: [graph.firstPage, graph.listed("Queued")],
    options: { timeout: 9_000 },
  }),
  "out of time": follows({
    polls: [graph.running],
    code: "operationTimeout",
    waiting: { operationTimeout: 9_000 },
    later: graph.successful,
  }),
  "aborted before the start": aborts({ at: "once" }),
  "aborted in the token source": aborts({ at: "token" }),
  "aborted while starting": aborts({ start: [graph.silence], at: "request" }),
  "aborted during a poll": aborts({ polls: [graph.silence], at: "poll", later: graph.successful }),
  "aborted in a body": aborts({ polls: [graph.endlessBody], at: "poll", later: graph.successful }),
  "aborted between polls": aborts({ polls: [graph.running], at: "status", later: graph.successful }),
  "aborted in a backoff": aborts({ polls: [graph.unavailable], at: "retry", later: graph.successful }),
  "progress callback throws": throwing,
  "polled with single polls": pollsNowAndThen,
  "list, completely read": lists({ pages: 2 }),
  "list, left early": lists({ pages: 1 }),
};

console.log(`${OPERATIONS.toLocaleString("en")} operations, ${IN_FLIGHT} in flight, ${Object.keys(SCENARIOS).length} ways to end\n`);
const began = performance.now();
printHead();
const mix = Object.values(SCENARIOS);
const samples = [];
for (let done = -WARM_UP; done < OPERATIONS; ) {
  const next = Math.min(done + MEASURE_EVERY, done < 0 ? 0 : OPERATIONS);
  await soak(next - done, (number) => mix[number % mix.length]);
  done = next;
  samples.push(await measure(done < 0 ? "warm-up" : done));
}
const leftAlone = [];
for (let round = 0; round < LEFT_ALONE_ROUNDS; round++) {
  await soak(REMEMBERED, () => starts({}));
  leftAlone.push(await measure("left alone"));
}
const problems = [
  ...judge(samples.filter(({ done }) => done !== "warm-up")),
  ...judgeRemembered(leftAlone),
  ...left([...samples, ...leftAlone]),
];
console.log(
  `\n${((performance.now() - began) / 1_000).toFixed(0)} s. ${problems.length === 0 ? "Flat, and nothing left." : `NOT FLAT:\n- ${problems.join("\n- ")}`}`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

// --- What customers do. Each function throws if a call does not end as expected.

/** Starts a run and waits until it ends. @param {Scripted} scenario */
function follows({ token: source = token, options, waiting, code, later, ...script }) {
  return async (device) => {
    service.expect(device, script);
    const location = await runDiagnostics(source, device, { ...shared, ...options });
    await ends(waitForOperation(location, { ...shared, pollInterval: 1_000, ...options, ...waiting }), code);
    if (later) await goesOn(device, location, later);
  };
}

/** Starts a run without waiting for it, unless `later` is given. @param {Scripted} scenario */
function starts({ token: source = token, code, later, ...script }) {
  return async (device) => {
    service.expect(device, script);
    const location = await ends(runDiagnostics(source, device, shared), code);
    if (later) await goesOn(device, location, later);
  };
}

/** Starts a run and waits until the signal ends the call at the given moment. @param {Scripted} scenario */
function aborts({ at, later, ...script }) {
  return async (device) => {
    service.expect(device, script);
    const controller = new AbortController();
    const reason = new Error("enough");
    const abort = () => controller.abort(reason);
    if (at === "once") abort();
    const source = () =>
      new Promise((resolve) => {
        if (at === "token") setTimeout(abort, 1);
        setTimeout(resolve, at === "token" ? 2 : 0, token);
      });
    const watched = async (url, init) => {
      const isPoll = init.method === "GET";
      if (at === "request" || (at === "poll" && isPoll)) setTimeout(abort, 1);
      return fetch(url, init);
    };
    let location;
    const options = {
      signal: controller.signal,
      fetch: watched,
      pollInterval: 1_000,
      onProgress(event) {
        location ??= event.location;
        if (event.type === at) queueMicrotask(abort);
      },
    };
    try {
      await waitForOperation(await runDiagnostics(source, device, options), options);
      throw new Error(`${device} was not aborted`);
    } catch (error) {
      if (error !== reason) throw error;
    }
    if (getEventListeners(controller.signal, "abort").length > 0) throw new Error(`${device} left a listener on its signal`);
    if (later) await goesOn(device, location, later);
  };
}

async function throwing(device) {
  service.expect(device, { polls: [graph.running] });
  const location = await runDiagnostics(token, device, shared);
  const thrown = new Error("a bug of the caller");
  const onProgress = () => {
    throw thrown;
  };
  await waitForOperation(location, { ...shared, onProgress }).then(
    () => Promise.reject(new Error(`${device} succeeded although its callback threw`)),
    (error) => error === thrown || Promise.reject(error),
  );
  await goesOn(device, location, graph.successful);
}

async function pollsNowAndThen(device) {
  service.expect(device, { polls: [graph.running, graph.successful] });
  const location = await runDiagnostics(token, device, shared);
  await getOperation(location, shared);
  await getOperation(location, shared);
}

function lists({ pages }) {
  return async (device) => {
    service.expect(device, { lists: [graph.firstPage, graph.listed("Queued")] });
    let seen = 0;
    for await (const operation of listOperations(token, device, shared)) {
      if (operation.state === undefined) throw new Error(`${device} lists what is no operation`);
      if (++seen === pages) break;
    }
    if (seen !== pages) throw new Error(`${device} listed ${seen} operations`);
  };
}

/** Waits again after an outcome that did not end the operation. */
async function goesOn(device, location, response) {
  service.expect(device, { polls: [response] });
  await ends(waitForOperation(location, shared), undefined);
}

/** Resolves to the result of the call, or to the location of the expected error. */
async function ends(call, expected) {
  const [{ value, reason }] = /** @type {{ value?: any, reason?: any }[]} */ (await Promise.allSettled([call]));
  if (reason === undefined && expected !== undefined) throw new Error(`did not end with ${expected}`);
  if (reason !== undefined && reason.code !== expected) throw reason;
  return value ?? reason.location;
}

function credential() {
  return { getToken: async (_scopes, { claims }) => ({ token: `${token}-${claims ? 2 : 1}`, expiresOnTimestamp: Date.now() + 3_600_000 }) };
}

// --- The measurements.

async function soak(operations, scenarioOf) {
  const end = next + operations;
  const customer = async () => {
    while (next < end) {
      const device = `d${next}`;
      await scenarioOf(next++)(device);
      service.forget(device);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, customer));
}

async function measure(done) {
  // Twice, because objects that are finalised in the first collection are freed in the second.
  for (let time = 0; time < 2; time++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const found = {
    done,
    heapUsed,
    external,
    arrayBuffers,
    wasm: instances[0].memory.buffer.byteLength,
    values: held(instances[0].values),
    timers: timers.size,
    resources: process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length,
    listeners: /** @type {[EventTarget, string][]} */ ([
      [forEver, "abort"],
      [document, "visibilitychange"],
      [page, "online"],
    ]).reduce((sum, [target, type]) => sum + getEventListeners(target, type).length, 0),
    requests: service.open.size,
  };
  printSample(found);
  return found;
}

/** The number of JavaScript values in a table, whose free entries are null. Its length is only the maximum so far. */
function held(table) {
  let values = 0;
  for (let at = 0; at < table.length; at++) values += table.get(at) === null ? 0 : 1;
  return values;
}

function judge(samples) {
  const [first, last] = [samples[0], samples.at(-1)];
  const grown = (what) => last[what] - first[what];
  const per100000 = (what) => bytes((grown(what) / (last.done - first.done)) * 100_000);
  const trend = slope(samples.map(({ done, heapUsed }) => [done, heapUsed]));
  console.log(
    `\nGrowth per 100,000 operations: heap ${bytes(trend * 100_000)} (trend), external ${per100000("external")}, ` +
      `WebAssembly ${per100000("wasm")}; JavaScript values held by it ${grown("values")} in all`,
  );
  const problems = [];
  if (trend > HEAP_BYTES_PER_OPERATION) problems.push(`the heap grows by ${trend.toFixed(1)} bytes an operation`);
  if (grown("wasm") > 0) problems.push(`WebAssembly memory grew by ${bytes(grown("wasm"))}`);
  if (grown("values") > 0) problems.push(`WebAssembly holds ${grown("values")} JavaScript values more`);
  return problems;
}

/** @param {Awaited<ReturnType<typeof measure>>[]} given */
function judgeRemembered([, settled, ...later]) {
  const most = (what) => Math.max(...later.map((found) => found[what]));
  const problem = (what) => `operations are remembered without end: ${what} ${settled[what]}, then ${most(what)}`;
  return ["wasm", "values"].filter((what) => most(what) > settled[what]).map(problem);
}

function left(samples) {
  return ["timers", "resources", "listeners", "requests"].flatMap((what) => {
    const some = samples.filter((found) => found[what] > 0);
    return some.length > 0 ? [`${what} were left at ${some.length} samples, ${some.at(-1)[what]} at the last of them`] : [];
  });
}

function bytes(number) {
  return `${Math.round(number).toLocaleString("en")} bytes`;
}

/** The slope of a line through the points, by least squares. */
function slope(points) {
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

function printHead() {
  console.log(
    ["operations", "heap KiB", "external", "buffers", "wasm KiB", "js values", "timers", "by Node", "listeners", "requests"]
      .map((text) => text.padStart(11))
      .join(""),
  );
}

function printSample({ done, heapUsed, external, arrayBuffers, wasm, values, timers, resources, listeners, requests }) {
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  const cells = [done, kib(heapUsed), kib(external), kib(arrayBuffers), kib(wasm), values, timers, resources, listeners, requests];
  console.log(cells.map((cell) => String(cell).padStart(11)).join(""));
}

// --- The counters, which are installed before the package is loaded.

function countTimers() {
  const live = new Set();
  const { setTimeout, clearTimeout } = globalThis;
  // @ts-expect-error: Node's function also has a form for promises, which is not used here
  globalThis.setTimeout = (callback, delay, ...args) => {
    const fire = () => {
      live.delete(timer);
      callback(...args);
    };
    const timer = setTimeout(fire, delay > 10_000 ? delay : delay / 1_000);
    live.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => {
    live.delete(timer);
    clearTimeout(timer);
  };
  return live;
}

/** Adds a page's events to Node, so that every wait has two more listeners, as in a page. */
function pretendPage() {
  const target = new EventTarget();
  // @ts-expect-error: only the part of a document that the client uses
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  for (const method of ["addEventListener", "removeEventListener"]) globalThis[method] = target[method].bind(target);
  return target;
}
