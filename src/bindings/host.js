// The host's own functions as Rust can call them: none throws and has a result at the same time, since wasm-bindgen never frees the
// place of the result of an import that threw. And what is set going is written down, so that it can be stopped when the wasm traps.

/** @type {unknown} */
let failure;

/** What the last replacement of a clock or a timer threw; undefined when none did. Test tools replace them. */
export function takeFailure() {
  const taken = failure;
  failure = undefined;
  return taken;
}

/** Runs a function; what it throws is kept for `takeFailure`, and the result is `otherwise`. @param {() => any} run @param {any} [otherwise] */
function attempt(run, otherwise) {
  try {
    return run();
  } catch (error) {
    failure = error;
    return otherwise;
  }
}

// Each of these is looked up anew at each use: test tools replace them, and put the real ones back.
export const now = () => attempt(() => number(performance.now()), NaN);
export const unixTime = () => attempt(() => number(Date.now()), NaN);

/** What a clock says. @param {number} time */
function number(time) {
  if (time >= 0 || time < 0) return time;
  throw new TypeError("performance.now or Date.now, which have been replaced, gave no number");
}

/**
 * A timer. What clears it is kept: later another function may be in its place, which does not know the timer.
 *
 * @typedef {{ id?: any, clear: Function, isSet: boolean }} Timer
 */

/** @type {Set<Timer>} */
const timers = new Set();

// The glue of the package calls these two in place of the global ones.
export const setTimeout = (/** @type {() => void} */ callback, /** @type {number} */ delay) =>
  attempt(() => {
    /** @type {Timer} */
    const timer = { clear: globalThis.clearTimeout, isSet: true };
    // One that could not be cleared fires all the same, when its callback is gone.
    timer.id = globalThis.setTimeout(() => timer.isSet && callback(), delay);
    timers.add(timer);
    return timer;
  });

export const clearTimeout = (/** @type {Timer | undefined} */ timer) =>
  attempt(() => {
    if (!timer) return;
    timer.isSet = false;
    timers.delete(timer);
    timer.clear.call(globalThis, timer.id);
  });

/** @type {Map<number, { target: EventTarget, type: string, listener: () => void }>} */
const listeners = new Map();
let lastListener = 0;

/**
 * Adds an event listener; returns its id. Throws what the target throws.
 *
 * @param {EventTarget} target
 * @param {string} type
 * @param {() => void} listener
 */
export function listen(target, type, listener) {
  target.addEventListener(type, listener);
  listeners.set(++lastListener, { target, type, listener });
  return lastListener;
}

/** @param {number} id */
export function unlisten(id) {
  const found = listeners.get(id);
  listeners.delete(id);
  if (found) orUndefined(() => found.target.removeEventListener(found.type, found.listener));
}

/** @type {Set<AbortController>} */
const requests = new Set();

/**
 * Sends a request and reads its response: resolves to [response, body]. Of the 202 to a POST the body is not read.
 *
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 * @param {RequestInit} init
 * @param {AbortController} controller
 */
export async function exchange(fetch, url, init, controller) {
  requests.add(controller);
  try {
    const response = await fetch(url, init);
    return [response, response.status === 202 && init.method === "POST" ? undefined : await response.text()];
  } finally {
    requests.delete(controller);
  }
}

/** Calls a function of the caller's; what it throws comes as a rejection. @type {(...given: any[]) => Promise<unknown>} */
export const call = async (callback, self, first, second) => Reflect.apply(callback, self, [first, second]);

/**
 * Calls the progress callback; a promise that it returns goes into `results`.
 *
 * @param {(event: unknown) => any} onProgress
 * @param {unknown} event
 * @param {Promise<unknown>[]} results
 */
export function notify(onProgress, event, results) {
  const result = onProgress(event);
  if (typeof result?.then === "function") results.push(Promise.resolve(result));
}

/** The wasm has trapped: what it set going must not keep a program alive, or be listened to for ever. */
export function stopAll() {
  for (const timer of timers) clearTimeout(timer);
  for (const controller of requests) controller.abort();
  for (const id of listeners.keys()) unlisten(id);
  failure = undefined;
}

/** Undefined when the text is not JSON. */
export const parseJson = (/** @type {string} */ text) => orUndefined(() => JSON.parse(text));

/** The parts of an absolute URL, in the order of Rust's Url; undefined when it is none. */
export const parseUrl = (/** @type {string} */ text) =>
  orUndefined(() => {
    const { origin, protocol, hostname, pathname, search, username, password, hash } = new URL(text);
    return [origin, protocol, hostname, pathname, search, username + password, hash];
  });

/** Undefined when it throws. @param {() => unknown} run */
function orUndefined(run) {
  try {
    return run();
  } catch {
    return undefined;
  }
}
