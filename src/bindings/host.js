// The host's own functions as Rust can call them: none throws and has a result at the same time, since wasm-bindgen never frees the
// place of the result of an import that threw. And what is set going is written down, so that it can be stopped when the wasm traps.

import { redacted } from "./redaction.js";

/** @type {unknown} */
let failure;

/** What the last replacement of a clock or a timer threw; undefined when none did. Test tools replace them. */
export function takeFailure() {
  const taken = failure;
  failure = undefined;
  return taken;
}

/** Runs a function; what it throws is kept for `takeFailure`. @param {() => any} run */
function attempt(run) {
  try {
    return run();
  } catch (error) {
    failure = error;
  }
}

// Each of these is read anew at each use: test tools replace them, and put the real ones back.
export const now = reading(() => performance.now());
export const unixTime = reading(() => Date.now());
export const random = reading(() => Math.random());

/** Whether there may be a network: false where the host is sure that there is none; only pages are. */
export const isOnline = () => orUndefined(() => globalThis.navigator.onLine) !== false;

/** What gives a number; NaN when it throws, or gives anything else. @param {() => number} read */
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

// What could not be cleared or removed must not call what the wasm has freed: that would end every call.

/**
 * A timer, and what clears it: when that is wanted, another function may be in its place, which does not know the timer.
 *
 * @typedef {{ clear: Function, timer?: unknown }} Timer
 */

/** @type {Set<Timer>} */
const timers = new Set();

// The glue of the package calls these two in place of the global ones.
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
    // It may have been set all the same.
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
 * Where what happens to a call arrives, until it is closed: nothing may call what the wasm has freed.
 *
 * @typedef {object} Port
 * @property {(code: number, turn: number, value?: unknown) => void} [arrive] the call's one function, whatever it waits for
 * @property {(() => void)[]} [wakeUps] its listeners for what ends a pause early
 */

/** @param {Port["arrive"]} arrive @returns {Port} */
export const openPort = (arrive) => ({ arrive, wakeUps: undefined });

/** What is late is dropped, but for what arrives under one code: a failure of the caller's. @param {Port} port @param {number} reported */
export function closePort(port, reported) {
  port.arrive = (code, _, value) => {
    if (code === reported) report(value);
  };
}

/** Hands the host what a callback failed with that does not end its call; without `reportError` as an unhandled rejection. @param {unknown} failure */
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
 * Tells a call when the signal fires. There is one listener for each signal, whatever the calls. Throws what the signal throws.
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

/** Why a signal has fired; hosts that know no reasons yet give none. @param {AbortSignal} signal */
export function abortReason(signal) {
  const reason = orUndefined(() => signal.reason);
  return reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
}

/**
 * Tells a call when waiting may have become pointless: the page is visible again (timers of hidden pages are slowed down), or the
 * network is back. Outside of pages there is no such event, or no document.
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

/** What exchanges resolve to of which the 202 to a POST has been read. @type {WeakMap<AbortController, unknown>} */
const answers = new WeakMap();

/**
 * The header fields of a request: not an instance of Headers, since replacements of fetch often spread what they are given.
 *
 * @param {string} token
 * @param {string} clientRequestId
 */
export const headers = (token, clientRequestId) => ({ authorization: `Bearer ${token}`, "client-request-id": clientRequestId });

// In the order in which Rust reads them.
const FIELDS = ["location", "retry-after", "www-authenticate", "request-id", "date", "content-type"];

/**
 * Sends a request and reads its response: resolves to its status, its fields and its body. The fields are one text, since each text
 * that is handed over has its price: a line for each, with "=" before the value, and nothing where there is none. Of the 202 to a POST
 * the body is not read, and none that is longer than the limit.
 *
 * @param {typeof globalThis.fetch | undefined} fetch the caller's replacement for the global one
 * @param {string} url
 * @param {RequestInit} init
 * @param {AbortController} controller
 * @param {number} longestBody in bytes, after decompression
 * @param {{ location?: string }} [facts] what a trap leaves of a start
 */
export async function exchange(fetch, url, init, controller, longestBody, facts) {
  requests.add(controller);
  try {
    const send = fetch ?? globalThis.fetch;
    // Older compatibility dates of Cloudflare Workers refuse the field, and have no cache that it would keep from answering.
    if (globalThis.navigator?.userAgent !== "Cloudflare-Workers") init.cache = "no-store";
    const response = await send(url, init);
    // What did not keep to `redirect: "manual"` has taken the token along; 0 is the status of a redirect that a browser hides.
    if (response.redirected) return [0, ""];
    const { status, headers: received } = response;
    if (typeof status !== "number" || !(status >= 0 && status < 1_000)) throw new TypeError("What fetch resolved to has no status");
    const fields = FIELDS.map((name) => field(received.get(name))).join("\n");
    if (status !== 202 || init.method !== "POST") return [status, fields, await textOf(response, longestBody, fetch === undefined)];
    if (facts) note(facts, received.get("location"), /** @type {ReturnType<typeof headers>} */ (init.headers).authorization);
    // A body that is not read is aborted; one that is known to be empty need not be, which costs Node less.
    const answer = [status, fields, received.get("content-length") === "0" ? "" : undefined];
    answers.set(controller, answer);
    return answer;
  } finally {
    requests.delete(controller);
  }
}

/**
 * The text of a body, read bit by bit where nobody says how long it is; undefined when it is too long.
 *
 * @param {Response} response
 * @param {number} longest
 * @param {boolean} isPlatforms whether it came from the platform's own fetch: a replacement may have unpacked it already
 */
async function textOf(response, longest, isPlatforms) {
  // What a replacement of fetch has put in the place of `text` wants to be called.
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

// Where another origin answers, a browser hides whether the body is compressed.
/** @param {Response} response @param {number} longest */
function isShort({ headers, type }, longest) {
  const length = headers.get("content-length") ?? "";
  return type !== "cors" && headers.get("content-encoding") === null && /^\d+$/.test(length) && Number(length) <= longest;
}

// As Graph wrote it, until the wasm has read it; unless the token is in it.
/** @param {{ location?: unknown }} facts @param {unknown} location @param {string} authorization */
function note(facts, location, authorization) {
  const token = authorization.slice("Bearer ".length);
  if (typeof location === "string" && redacted(location, token) === location) facts.location = location;
}

// What a replacement of fetch gives need not be text, nor one line.
/** @param {unknown} value */
const field = (value) => (typeof value === "string" ? `=${value.replaceAll("\n", " ")}` : "");

/** @type {DOMException | undefined} */
let ended;

/** The signal of a request. Throws what a replacement of AbortController throws. @param {AbortController} controller */
export const signalOf = (controller) => controller.signal;

/**
 * Aborts a request; its answer, where that has been read. One reason for all: to make an exception costs more than anything else of a
 * request.
 *
 * @param {AbortController} controller
 */
export function endRequest(controller) {
  controller.abort((ended ??= new DOMException("The operation was aborted", "AbortError")));
  return answers.get(controller);
}

/**
 * Asks a function for a token; what it throws comes as a rejection.
 *
 * @param {import("../../js/types/index.d.ts").TokenFunction} source
 * @param {string} scope
 * @param {string} [claims]
 */
export const askFunction = async (source, scope, claims) =>
  source(claims === undefined ? { scopes: [scope] } : { scopes: [scope], claims });

/**
 * Calls the progress callback; a promise that it returns goes into `results`.
 *
 * @param {(event: unknown) => any} onProgress
 * @param {unknown} event
 * @param {Promise<unknown>[]} results
 */
export function notify(onProgress, event, results) {
  const result = onProgress(event);
  // A promise of ours: the `then` of theirs may do anything.
  if (typeof result?.then === "function") results.push(new Promise((resolve) => resolve(result)));
}

/** The wasm has trapped: what it set going must not keep a program alive, or be listened to for ever. */
export function stopAll() {
  timers.forEach(clearTimeout);
  requests.forEach(endRequest);
  [...listeners.keys()].forEach(unlisten);
  signals.clear();
  failure = undefined;
}

/** A member; undefined when there is none, of what has no members, and where reading it throws. @param {any} value @param {string} name */
export function member(value, name) {
  try {
    const found = value?.[name];
    // What somebody has put on all objects is none of this one's.
    return found === /** @type {any} */ (Object.prototype)[name] ? undefined : found;
  } catch {}
}

export const empty = () => Object.create(null);

/** Undefined when the text is not JSON. A byte order mark before it is no part of it. */
export const parseJson = (/** @type {string} */ text) => orUndefined(() => JSON.parse(text.replace(/^\uFEFF/, "")));

/** The origin of an absolute URL and its normal form, a line each, which have no line breaks; undefined when it is none. */
export const parseUrl = (/** @type {string} */ text) =>
  orUndefined(() => {
    const { origin, href } = new URL(text);
    return `${origin}\n${href}`;
  });

/** Undefined when it throws. @param {() => unknown} run */
function orUndefined(run) {
  try {
    return run();
  } catch {
    return undefined;
  }
}

const OPTIONS = new Set([
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
 * The options that are given, each read once; an array around what reading them throws. What only `Object.prototype` has is no option:
 * somebody else may have put it there. What is no object is returned as it is.
 *
 * @param {any} options
 */
export function readOptions(options) {
  if (typeof options !== "object" || options === null) return options;
  const given = Object.create(null);
  try {
    for (let holder = options; holder !== null; ) {
      const above = Object.getPrototypeOf(holder);
      if (above === null && Object.hasOwn(holder, "isPrototypeOf")) break;
      for (const name of Reflect.ownKeys(holder))
        if (OPTIONS.has(/** @type {string} */ (name)) && !(name in given)) given[name] = options[name];
      holder = above;
    }
    return given;
  } catch (thrown) {
    return [thrown];
  }
}
