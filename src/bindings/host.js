// The host's own functions as Rust can call them: none throws and has a result at the same time, since wasm-bindgen never frees the
// place of the result of an import that threw. And what is set going is written down, so that it can be stopped when the wasm traps.

let failure;

/** What the last replacement of a clock or a timer threw; undefined when none did. Test tools replace them. */
export function takeFailure() {
  const taken = failure;
  failure = undefined;
  return taken;
}

/** Runs a function; what it throws is kept for `takeFailure`, and the result is `otherwise`. */
function attempt(run, otherwise) {
  try {
    return run();
  } catch (error) {
    failure = error;
    return otherwise;
  }
}

// Each of these is looked up anew at each use: test tools replace them, and put the real ones back.
export const now = () => attempt(() => performance.now(), NaN);
export const unixTime = () => attempt(() => Date.now(), NaN);

const timers = new Set();

// The glue of the package calls these two in place of the global ones.
export const setTimeout = (callback, delay) =>
  attempt(() => {
    const timer = globalThis.setTimeout(callback, delay);
    timers.add(timer);
    return timer;
  });

export const clearTimeout = (timer) =>
  attempt(() => {
    timers.delete(timer);
    globalThis.clearTimeout(timer);
  });

const listeners = new Map();

function listen(target, type, listener) {
  target.addEventListener(type, listener);
  listeners.set(listener, { target, type });
}

function unlisten(listener) {
  const { target, type } = listeners.get(listener) ?? {};
  listeners.delete(listener);
  attempt(() => target?.removeEventListener(type, listener));
}

const signals = new Map();

/** Calls `end` when the signal fires. There is one listener for each signal, whatever the calls. Throws what the signal throws. */
export function onAbort(signal, end) {
  if (!signals.has(signal)) {
    const calls = new Set();
    const listener = () => calls.forEach((call) => call());
    listen(signal, "abort", listener);
    signals.set(signal, { calls, listener });
  }
  signals.get(signal).calls.add(end);
}

export function offAbort(signal, end) {
  const { calls, listener } = signals.get(signal) ?? {};
  calls?.delete(end);
  if (calls?.size === 0) {
    signals.delete(signal);
    unlisten(listener);
  }
}

export const isAborted = (signal) => attempt(() => signal.aborted === true, false);

/** Why a signal has fired; hosts that know no reasons yet give none. */
export function abortReason(signal) {
  const reason = attempt(() => signal.reason);
  return reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason;
}

/**
 * Calls `wakeUp` when waiting may have become pointless: the page is visible again (timers of hidden pages are slowed down), or the
 * network is back. Outside of pages there is no such event, or no document. Returns what ends that.
 */
export function onWakeUp(wakeUp) {
  const page = globalThis.document;
  const seen = () => page.visibilityState === "visible" && wakeUp();
  const online = () => wakeUp();
  if (page?.addEventListener) attempt(() => listen(page, "visibilitychange", seen));
  if (globalThis.addEventListener) attempt(() => listen(globalThis, "online", online));
  return () => [seen, online].forEach(unlisten);
}

const requests = new Set();

/** The header fields of a request: not an instance of Headers, since replacements of fetch often spread what they are given. */
export const headers = (token, clientRequestId) => ({ authorization: `Bearer ${token}`, "client-request-id": clientRequestId });

/** Sends a request and reads its response: resolves to [response, body]. Of the 202 to a POST the body is not read. */
export async function exchange(fetch, url, init, controller) {
  requests.add(controller);
  try {
    const response = await fetch(url, init);
    return [response, response.status === 202 && init.method === "POST" ? undefined : await response.text()];
  } finally {
    requests.delete(controller);
  }
}

/** Calls a function of the caller's; what it throws comes as a rejection. */
export const call = async (callback, self, first, second) => Reflect.apply(callback, self, [first, second]);

/** Calls the progress callback; a promise that it returns goes into `results`. */
export function notify(onProgress, event, results) {
  const result = onProgress(event);
  if (typeof result?.then === "function") results.push(Promise.resolve(result));
}

/** The wasm has trapped: what it set going must not keep a program alive, or be listened to for ever. */
export function stopAll() {
  for (const timer of timers) clearTimeout(timer);
  for (const controller of requests) controller.abort();
  for (const listener of listeners.keys()) unlisten(listener);
  signals.clear();
}

/** Whether a text may hold another one, plainly or escaped as JSON may write it. */
export const mayRepeat = (text, other) => text.includes(other) || text.includes("\\");

/** Undefined when the text is not JSON. */
export const parseJson = (text) => parsed(() => JSON.parse(text));

/** The parts of an absolute URL, in the order of Rust's Url; undefined when it is none. */
export const parseUrl = (text) =>
  parsed(() => {
    const { origin, protocol, hostname, pathname, search, username, password, hash } = new URL(text);
    return [origin, protocol, hostname, pathname, search, username + password, hash];
  });

function parsed(parse) {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
