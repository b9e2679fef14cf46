// Counts what calls leave behind: timers, listeners on a simulated page, and requests to a Graph in memory. It must be imported before the
// package, which it loads.
import { getEventListeners, setMaxListeners } from "node:events";
import { watchInstances } from "../../tests/shared/instances.mjs";
import { ScriptedGraph } from "../../tests/shared/scripted-graph.mjs";

export const timers = countTimers();
export const page = pretendPage();
export const instances = watchInstances();
export const { getOperation, listOperations, runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");

export const service = new ScriptedGraph();
/** The hard case: a signal that outlives every call. */
export const forEver = new AbortController().signal;
setMaxListeners(0, forEver, document, page);

/** The listeners on the signal and on the page. */
export const listeners = () =>
  getEventListeners(forEver, "abort").length +
  getEventListeners(document, "visibilitychange").length +
  getEventListeners(page, "online").length;

/** Counts the timers, and lets those of up to ten seconds fire after a thousandth of their time. */
function countTimers() {
  /** @type {Set<unknown>} */
  const live = new Set();
  const { setTimeout, clearTimeout } = globalThis;
  // @ts-expect-error: Node's function also has a form for promises, which is not used here
  globalThis.setTimeout = (callback, delay = 0, ...args) => {
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
  globalThis.addEventListener = target.addEventListener.bind(target);
  globalThis.removeEventListener = target.removeEventListener.bind(target);
  return target;
}
