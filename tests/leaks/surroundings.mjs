// What a call can leave behind, counted: timers, on a clock that the test moves; listeners, on a page that Node does not have;
// requests, to a Graph in memory. To be imported before the package is loaded, which this does.

import { getEventListeners, setMaxListeners } from "node:events";
import { watchInstances } from "../shared/instances.mjs";
import { ScriptedGraph } from "../shared/scripted-graph.mjs";

/** The clock: it stands still until a test lets time pass. */
const clock = { now: 1_000, timers: new Map(), next: 1 };
// @ts-expect-error: Node's has a form for promises as well, which nothing here uses
globalThis.setTimeout = (callback, delay = 0, ...args) => {
  const timer = clock.next++;
  clock.timers.set(timer, { due: clock.now + Math.max(delay, 1), fire: () => callback(...args) });
  return timer;
};
globalThis.clearTimeout = (timer) => clock.timers.delete(timer);
performance.now = () => clock.now;
// Backoffs are as long as they can be.
Math.random = () => 0.99;

const browserWindow = new EventTarget();
// @ts-expect-error: as much of a document as a client asks
globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
for (const method of ["addEventListener", "removeEventListener"]) globalThis[method] = browserWindow[method].bind(browserWindow);
setMaxListeners(0, document, browserWindow);

const instances = watchInstances();

export const { getOperation, listOperations, runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");
export const graph = new ScriptedGraph();

// Loads the wasm: no test shall wait for that by chance.
await getOperation("").catch(() => {});

/** Another copy of the package, which has not loaded its wasm yet. */
export const anotherCopy = () => import(`../../pkg/dist/index.js?${instances.length}`);

/** Lets everything happen that waits for nothing but its turn. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Lets time pass, timer by timer. */
export async function pass(ms) {
  const end = clock.now + ms;
  await turn();
  for (;;) {
    const [timer, next] = [...clock.timers].reduce((first, other) => (other[1].due < first[1].due ? other : first), [0, { due: Infinity }]);
    if (next.due > end) break;
    clock.now = next.due;
    clock.timers.delete(timer);
    next.fire();
    await turn();
  }
  clock.now = end;
}

export const page = {
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

/** What is there now: timers, open requests, and listeners on the page and on the signal. */
export const live = (signal) => ({
  timers: clock.timers.size,
  requests: graph.open.size,
  pageListeners: getEventListeners(document, "visibilitychange").length + getEventListeners(browserWindow, "online").length,
  signalListeners: signal ? getEventListeners(signal, "abort").length : 0,
});

/** Takes away what a test left, so that the next one does not fail of it too; listeners are there to stay. */
export function clearAway() {
  clock.timers.clear();
  graph.open.clear();
  graph.forgetAll();
}

/** What the package's first copy takes: bytes of WebAssembly memory, and JavaScript values that it holds. */
export function taken() {
  const { memory, values } = instances[0];
  let held = 0;
  // Places that are free are null; undefined is a value like any other.
  for (let at = 0; at < values.length; at++) held += values.get(at) === null ? 0 : 1;
  return { bytes: memory.buffer.byteLength, values: held };
}

/** A call and its state, to be inspected without waiting for it. */
export function observed(call) {
  const seen = { state: "pending" };
  call.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (reason) => Object.assign(seen, { state: "rejected", reason }),
  );
  return seen;
}
