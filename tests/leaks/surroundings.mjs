// Counts what a call can leave behind: timers, on a clock that the test advances; listeners, on a simulated page; and requests, to a Graph
// in memory. It must be imported before the package, which it loads.

import { getEventListeners, setMaxListeners } from "node:events";
import { watchInstances } from "../shared/instances.mjs";
import { ScriptedGraph } from "../shared/scripted-graph.mjs";

/** The clock, which stands still until a test advances it. */
const clock = { now: 1_000, next: 1 };
/** @type {Map<number, { due: number, fire: () => void }>} */
const timers = new Map();
// @ts-expect-error: Node's function also has a form for promises, which is not used here
globalThis.setTimeout = (callback, delay = 0, ...args) => {
  const timer = clock.next++;
  timers.set(timer, { due: clock.now + Math.max(delay, 1), fire: () => callback(...args) });
  return timer;
};
globalThis.clearTimeout = (timer) => timers.delete(Number(timer));
performance.now = () => clock.now;
// Makes backoffs as long as possible.
Math.random = () => 0.99;

const browserWindow = new EventTarget();
// @ts-expect-error: only the part of a document that the client uses
globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
globalThis.addEventListener = browserWindow.addEventListener.bind(browserWindow);
globalThis.removeEventListener = browserWindow.removeEventListener.bind(browserWindow);
setMaxListeners(0, document, browserWindow);

const instances = watchInstances();

export const { getOperation, listOperations, runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");
export const graph = new ScriptedGraph();

// Loads the wasm, so that no test has to wait for that.
await getOperation("").catch(() => {});

/** Another copy of the package, whose wasm is not loaded yet. */
export const anotherCopy = () => import(`../../pkg/dist/index.js?${instances.length}`);

/** Lets all pending jobs run. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Advances the clock, timer by timer. @param {number} ms */
export async function pass(ms) {
  const end = clock.now + ms;
  await turn();
  for (;;) {
    const [first] = [...timers].sort(([, one], [, other]) => one.due - other.due);
    if (first === undefined || first[1].due > end) break;
    const [timer, next] = first;
    clock.now = next.due;
    timers.delete(timer);
    next.fire();
    await turn();
  }
  clock.now = end;
}

export const page = {
  /** @param {DocumentVisibilityState} visibilityState */
  async turnsTo(visibilityState) {
    Object.assign(document, { visibilityState });
    document.dispatchEvent(new Event("visibilitychange"));
    await turn();
  },
  async isBackOnline() {
    browserWindow.dispatchEvent(new Event("online"));
    await turn();
  },
};

/**
 * What exists now: timers, open requests, and listeners on the page and on the signal.
 *
 * @typedef {{ timers: number, requests: number, pageListeners: number, signalListeners: number }} Live
 *
 * @param {AbortSignal} [signal]
 * @returns {Live}
 */
export const live = (signal) => ({
  timers: timers.size,
  requests: graph.open.size,
  pageListeners: getEventListeners(document, "visibilitychange").length + getEventListeners(browserWindow, "online").length,
  signalListeners: signal ? getEventListeners(signal, "abort").length : 0,
});

/** Removes what a test has left, so that the next test does not fail too. Listeners cannot be removed. */
export function clearAway() {
  timers.clear();
  graph.open.clear();
  graph.forgetAll();
}

/** What the first copy of the package uses: bytes of WebAssembly memory, and the JavaScript values that it holds. */
export function taken() {
  const { memory, values } = instances[0];
  let held = 0;
  // Free entries are null; undefined counts as a value.
  for (let at = 0; at < values.length; at++) held += values.get(at) === null ? 0 : 1;
  return { bytes: memory.buffer.byteLength, values: held };
}

/**
 * The state of a call, which can be inspected without waiting for it.
 *
 * @typedef {{ state: "pending" | "resolved" | "rejected", value?: unknown, reason?: any }} Observed
 *
 * @param {Promise<unknown>} call
 */
export function observed(call) {
  /** @type {Observed} */
  const seen = { state: "pending" };
  call.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (reason) => Object.assign(seen, { state: "rejected", reason }),
  );
  return seen;
}
