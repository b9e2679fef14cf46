// Waits that an abort ends. Each signal has one listener, however many requests wait for it.

/** What each signal calls. @type {WeakMap<AbortSignal, Set<() => void>>} */
const waiting = new WeakMap();

/** Calls a function when the signal fires. Returns how to forget it. @param {AbortSignal | null | undefined} signal @param {() => void} act */
export function onAbort(signal, act) {
  if (!signal) return () => {};
  const acts = waiting.get(signal) ?? new Set();
  if (acts.size === 0) {
    waiting.set(signal, acts);
    signal.addEventListener("abort", all);
  }
  acts.add(act);
  return () => {
    if (acts.delete(act) && acts.size === 0) signal.removeEventListener("abort", all);
  };
}

/** @param {Event} event */
function all({ currentTarget }) {
  const signal = /** @type {AbortSignal} */ (currentTarget);
  for (const act of [...(waiting.get(signal) ?? [])]) act();
}

/**
 * What a promise settles with, unless the signal fires before.
 *
 * @template Result
 * @param {AbortSignal | null | undefined} signal
 * @param {Promise<Result>} promise
 * @returns {Promise<Result>}
 */
export function unlessAborted(signal, promise) {
  if (!signal) return promise;
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(forget);
  });
}

/**
 * Never resolves, and rejects when the signal fires.
 *
 * @param {AbortSignal | null | undefined} signal
 * @param {boolean} isOpen whether Node has something to wait for until then, as it would wait for a socket
 * @returns {Promise<any>}
 */
export function untilAborted(signal, isOpen) {
  // A port with a listener keeps Node running. jsdom has no ports.
  const open = isOpen && globalThis.MessageChannel ? new MessageChannel().port1 : undefined;
  if (open) open.onmessage = () => {};
  return unlessAborted(signal, new Promise(() => {})).finally(() => open?.close());
}

/** @param {AbortSignal | null | undefined} signal */
export function throwIfAborted(signal) {
  if (signal?.aborted) throw signal.reason;
}
