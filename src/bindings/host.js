// The functions of the host that Rust calls. A function with a result does not throw, except `signalOf`, because wasm-bindgen never frees
// the slot for the result of an import that throws. Timers, listeners and requests are recorded, so that they can be stopped when the wasm
// traps.

import { redacted } from "./redaction.js";

/** @type {unknown} */
let failure;

/** The last error of a replaced clock or timer, which is then forgotten; undefined if there is none. Test tools replace them. */
export function takeFailure() {
  const taken = failure;
  failure = undefined;
  return taken;
}

/** Runs a function, and keeps its error for `takeFailure`. @param {() => any} run */
function attempt(run) {
  try {
    return run();
  } catch (error) {
    failure = error;
  }
}

// The global functions are looked up at each use, because test tools replace and restore them.
export const now = reading(() => performance.now());
export const unixTime = reading(() => Date.now());
export const random = reading(() => Math.random());

/** Whether there may be a network: false only if the host is sure that there is none. Only browsers know. */
export const isOnline = () => orUndefined(() => globalThis.navigator.onLine) !== false;

/** A function that reads a number; it returns NaN if reading throws or gives anything else. @param {() => number} read */
function reading(read) {
  return () => {
    try {
      const found = read();
      if (typeof found === "number" && !Number.isNaN(found)) return found;
      throw new TypeError("A replaced clock gave no number");
    } catch (error) {
      failure = error;
      return NaN;
    }
  };
}

// A timer or listener that could not be removed must not call a closure that the wasm has freed: that would end every call.

/**
 * A timer, and the function that clears it. The global `clearTimeout` may be another one by then, which does not know the timer.
 *
 * @typedef {{ clear: Function, timer?: unknown }} Timer
 */

/** @type {Set<Timer>} */
const timers = new Set();

// The glue calls these two instead of the global functions.
export function setTimeout(/** @type {() => void} */ callback, /** @type {number} */ delay) {
  /** @type {Timer} */
  const entry = { clear: () => {}, timer: undefined };
  timers.add(entry);
  try {
    entry.clear = globalThis.clearTimeout;
    entry.timer = globalThis.setTimeout(() => {
      if (timers.delete(entry)) callback();
    }, delay);
    return entry;
  } catch (error) {
    // The timer may have been set all the same.
    timers.delete(entry);
    failure = error;
  }
}

export const clearTimeout = (/** @type {Timer | undefined} */ entry) =>
  attempt(() => {
    if (entry && timers.delete(entry)) entry.clear.call(globalThis, entry.timer);
  });

/** @type {Map<() => void, { target: EventTarget, type: string }>} */
const listeners = new Map();

/** @param {EventTarget} target @param {string} type @param {() => void} listener */
function listen(target, type, listener) {
  target.addEventListener(type, listener);
  listeners.set(listener, { target, type });
}

/** @param {() => void} listener */
function unlisten(listener) {
  const found = listeners.get(listener);
  listeners.delete(listener);
  if (found) orUndefined(() => found.target.removeEventListener(found.type, listener));
}

/**
 * Delivers events to a call until it is closed. After that nothing may call the closure, because the wasm has freed it.
 *
 * @typedef {object} Port
 * @property {(code: number, turn: number, value?: unknown) => void} [arrive] the only closure of the call, for all events
 * @property {(() => void)[]} [wakeUps] the listeners for events that end a pause early
 */

/** @param {Port["arrive"]} arrive @returns {Port} */
export const openPort = (arrive) => ({ arrive, wakeUps: undefined });

/**
 * Closes a port: later events are dropped, except failures of the caller's own code, which are reported.
 *
 * @param {Port} port @param {number} reported the code of those failures
 */
export function closePort(port, reported) {
  port.arrive = (code, _, value) => {
    if (code === reported) report(value);
  };
}

/**
 * Reports the failure of a callback that does not end its call. It becomes an unhandled rejection where `reportError` does not exist.
 *
 * @param {unknown} failure
 */
export function report(failure) {
  try {
    globalThis.reportError(failure);
  } catch {
    Promise.reject(failure);
  }
}

/** @param {Port} port @param {Promise<unknown>} promise @param {number} turn @param {number} fulfilled @param {number} rejected */
export function whenSettled(port, promise, turn, fulfilled, rejected) {
  promise.then(
    (value) => port.arrive?.(fulfilled, turn, value),
    (error) => port.arrive?.(rejected, turn, error),
  );
}

/** @type {Map<AbortSignal, { ports: Map<Port, number>, listener: () => void }>} */
const signals = new Map();

/**
 * Calls the port when the signal fires. All calls with the same signal share one listener. Throws the error of the signal's own methods.
 *
 * @param {AbortSignal} signal
 * @param {Port} port
 * @param {number} code
 */
export function onAbort(signal, port, code) {
  let waiting = signals.get(signal);
  if (!waiting) {
    const ports = new Map();
    waiting = { ports, listener: () => ports.forEach((code, port) => port.arrive?.(code, 0)) };
    listen(signal, "abort", waiting.listener);
    signals.set(signal, waiting);
  }
  waiting.ports.set(port, code);
}

/** @param {AbortSignal} signal @param {Port} port */
export function offAbort(signal, port) {
  const waiting = signals.get(signal);
  if (waiting?.ports.delete(port) && waiting.ports.size === 0) {
    signals.delete(signal);
    unlisten(waiting.listener);
  }
}

export const isAborted = (/** @type {AbortSignal} */ signal) => orUndefined(() => signal.aborted) === true;

/** The reason of an aborted signal. Old hosts have no reasons; there it is an AbortError. @param {AbortSignal} signal */
export function abortReason(signal) {
  const reason = orUndefined(() => signal.reason);
  return reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
}

/**
 * Calls the port when a pause should end early: when the page becomes visible again (browsers slow down timers in hidden pages), or the
 * network is back. Other hosts have no such events, or no document.
 *
 * @param {Port} port
 * @param {number} code
 */
export function onWakeUp(port, code) {
  const page = globalThis.document;
  const wakeUp = () => port.arrive?.(code, 0);
  if (typeof page?.addEventListener === "function")
    listenFor(port, page, "visibilitychange", () => page.visibilityState === "visible" && wakeUp());
  if (typeof globalThis.addEventListener === "function") listenFor(port, globalThis, "online", wakeUp);
}

/** @param {Port} port @param {EventTarget} target @param {string} type @param {() => void} listener */
function listenFor(port, target, type, listener) {
  orUndefined(() => listen(target, type, listener));
  (port.wakeUps ??= []).push(listener);
}

/** @param {Port} port */
export function offWakeUp(port) {
  port.wakeUps?.forEach(unlisten);
  port.wakeUps = undefined;
}

/** @type {Set<AbortController>} */
const requests = new Set();

/** The results of exchanges whose 202 to a POST has been read. @type {WeakMap<AbortController, unknown>} */
const exchanged = new WeakMap();

/**
 * The header fields of a request. They are a plain object, because replacements of `fetch` often spread them, which would empty `Headers`.
 *
 * @param {string} token
 * @param {string} clientRequestId
 */
export const headers = (token, clientRequestId) => ({ authorization: `Bearer ${token}`, "client-request-id": clientRequestId });

// The response header fields, in the order in which Rust reads them.
const FIELDS = ["location", "retry-after", "www-authenticate", "request-id", "date", "content-type"];

/**
 * Sends a request and reads its response. Resolves to the status, the header fields and the body. The fields are passed as one text,
 * because each text that is passed to Rust costs time: one line for each field, with "=" before the value, or empty if it is absent. The
 * body is not read for the 202 to a POST, nor if it is longer than the limit.
 *
 * @param {typeof globalThis.fetch | undefined} fetch the caller's replacement for the global one
 * @param {string} url
 * @param {RequestInit} init
 * @param {AbortController} controller
 * @param {number} longestBody in bytes, after decompression
 * @param {{ location?: string }} [facts] of a start; the location is added, so that a trap does not lose it
 */
export async function exchange(fetch, url, init, controller, longestBody, facts) {
  requests.add(controller);
  try {
    const send = fetch ?? globalThis.fetch;
    // Cloudflare Workers with an old compatibility date refuse this member, and have no cache for such requests.
    if (globalThis.navigator?.userAgent !== "Cloudflare-Workers") init.cache = "no-store";
    const response = await send(url, init);
    // A replacement of `fetch` has followed a redirect, with the token. 0 stands for a redirect, as where browsers hide its status.
    if (response.redirected) return [0, ""];
    const { status, headers: received } = response;
    if (typeof status !== "number" || !(status >= 0 && status < 1_000)) throw new TypeError("What fetch resolved to has no status");
    const fields = FIELDS.map((name) => field(received.get(name))).join("\n");
    if (status !== 202 || init.method !== "POST") return [status, fields, await textOf(response, longestBody, fetch === undefined)];
    if (facts) note(facts, received.get("location"), /** @type {ReturnType<typeof headers>} */ (init.headers).authorization);
    // An unread body is aborted later. A body that is known to be empty need not be, which is cheaper in Node.
    const result = [status, fields, received.get("content-length") === "0" ? "" : undefined];
    exchanged.set(controller, result);
    return result;
  } finally {
    requests.delete(controller);
  }
}

/**
 * The text of a body; undefined if it is too long. It is read chunk by chunk, unless its length is known to be within the limit.
 *
 * @param {Response} response
 * @param {number} longest in bytes
 * @param {boolean} isPlatforms whether the response is from the platform's own `fetch`; the `Content-Length` of a replacement's may not
 *   be that of the decompressed body
 */
async function textOf(response, longest, isPlatforms) {
  // If a replacement of `fetch` has put its own `text` on the response, it is called.
  const isWhole = (isPlatforms && isShort(response, longest)) || Object.hasOwn(response, "text");
  const reader = isWhole ? undefined : response.body?.getReader?.();
  if (!reader) {
    const text = await response.text();
    return typeof text === "string" && text.length <= longest ? text : undefined;
  }
  const decoder = new TextDecoder();
  for (let text = "", length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > longest) return undefined;
    text += decoder.decode(value, { stream: true });
  }
}

// Whether `Content-Length` says that the body is short. In a response of another origin, browsers hide whether the body is compressed.
/** @param {Response} response @param {number} longest */
function isShort({ headers, type }, longest) {
  const length = headers.get("content-length") ?? "";
  return type !== "cors" && headers.get("content-encoding") === null && /^\d+$/.test(length) && Number(length) <= longest;
}

// Notes the location as Graph wrote it, until the wasm has read it; not if it contains the token.
/** @param {{ location?: unknown }} facts @param {unknown} location @param {string} authorization */
function note(facts, location, authorization) {
  const token = authorization.slice("Bearer ".length);
  if (typeof location === "string" && redacted(location, token) === location) facts.location = location;
}

// The header field of a replacement's response may be something other than a string, and may have line breaks.
/** @param {unknown} value */
const field = (value) => (typeof value === "string" ? `=${value.replaceAll("\n", " ")}` : "");

/** @type {DOMException | undefined} */
let abortError;

/** The signal of a request. Throws the error of a replaced AbortController. @param {AbortController} controller */
export const signalOf = (controller) => controller.signal;

/**
 * Aborts a request, and returns the result of its exchange if that has one. All requests share one reason, because creating an exception
 * costs more than anything else in a request.
 *
 * @param {AbortController} controller
 */
export function endRequest(controller) {
  controller.abort((abortError ??= new DOMException("The operation was aborted", "AbortError")));
  return exchanged.get(controller);
}

/**
 * Calls a token function. If it throws, the promise rejects.
 *
 * @param {import("../../js/types/index.d.ts").TokenFunction} source
 * @param {string} scope
 * @param {string} [claims]
 */
export const callTokenFunction = async (source, scope, claims) =>
  source(claims === undefined ? { scopes: [scope] } : { scopes: [scope], claims });

/**
 * Calls the progress callback. A promise that it returns is added to `results`.
 *
 * @param {(event: unknown) => any} onProgress
 * @param {unknown} event
 * @param {Promise<unknown>[]} results
 */
export function notify(onProgress, event, results) {
  const result = onProgress(event);
  // A native promise, because the `then` of the caller's promise may do anything.
  if (typeof result?.then === "function") results.push(new Promise((resolve) => resolve(result)));
}

/** Stops all timers, requests and listeners after a trap, so that they do not keep the program alive or leak. */
export function stopAll() {
  timers.forEach(clearTimeout);
  requests.forEach(endRequest);
  [...listeners.keys()].forEach(unlisten);
  signals.clear();
  failure = undefined;
}

/**
 * A member of a value; undefined if it is absent, if the value has no members, or if reading it throws.
 *
 * @param {any} value @param {string} name
 */
export function member(value, name) {
  try {
    const found = value?.[name];
    // A member of Object.prototype does not count: other code may have put it there.
    return found === /** @type {any} */ (Object.prototype)[name] ? undefined : found;
  } catch {}
}

export const empty = () => Object.create(null);

/** Parses JSON, which may follow a byte order mark; undefined if the text is not JSON. */
export const parseJson = (/** @type {string} */ text) => orUndefined(() => JSON.parse(text.replace(/^\uFEFF/, "")));

/** The origin and the normalised form of an absolute URL, on one line each; undefined if the text is not an absolute URL. */
export const parseUrl = (/** @type {string} */ text) =>
  orUndefined(() => {
    const { origin, href } = new URL(text);
    return `${origin}\n${href}`;
  });

/** The result of a function; undefined if it throws. @param {() => unknown} run */
function orUndefined(run) {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** The options of the calls. */
export const OPTIONS = new Set([
  "token",
  "cloud",
  "baseUrl",
  "fetch",
  "signal",
  "timeout",
  "operationTimeout",
  "tokenTimeout",
  "maxRetries",
  "patience",
  "pollInterval",
  "onProgress",
  "onConflict",
  "rememberToken",
]);

/**
 * Copies the options, reading each once. If that throws, returns an array around the error. Members of `Object.prototype` are not options:
 * other code may have put them there. A value that is not an object is returned unchanged.
 *
 * @param {any} options
 * @param {Set<string>} [names] of the options
 */
export function readOptions(options, names = OPTIONS) {
  if (typeof options !== "object" || options === null) return options;
  const given = Object.create(null);
  try {
    for (let holder = options; holder !== null; ) {
      const above = Object.getPrototypeOf(holder);
      if (above === null && Object.hasOwn(holder, "isPrototypeOf")) break;
      for (const name of Reflect.ownKeys(holder))
        if (names.has(/** @type {string} */ (name)) && !(name in given)) given[name] = options[name];
      holder = above;
    }
    return given;
  } catch (thrown) {
    return [thrown];
  }
}
