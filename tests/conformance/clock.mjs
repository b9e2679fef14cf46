// A virtual clock instead of Node's: when nothing else is left to do, the next timer fires immediately. It must be imported before the
// package.

// As in Node, a longer delay becomes 1 ms.
const LONGEST_DELAY_MS = 2 ** 31 - 1;
// The turns of the event loop without activity after which nothing else is left to do: reading a body takes a few.
const QUIET_TURNS = 4;

const turn = globalThis.setImmediate;
/** @type {Map<number, { at: number, call: () => void }>} */
const timers = new Map();
let nowMs = 0;
let unixAtZeroMs = 0;
let ids = 0;
/** @type {{ at: number, until: number } | undefined} */
let sleep;
let offlineUntilMs = -Infinity;
let offlineFromMs = 0;

// @ts-expect-error: Node's function also has a form for promises, which is not used here
globalThis.setTimeout = (callback, delay = 0, ...args) => {
  const ms = delay >= 1 && delay <= LONGEST_DELAY_MS ? Math.trunc(delay) : 1;
  timers.set(++ids, { at: nowMs + ms, call: () => callback(...args) });
  return ids;
};
globalThis.clearTimeout = (id) => timers.delete(Number(id));
performance.now = () => nowMs;
Date.now = () => unixAtZeroMs + nowMs;
// The events of a page, for changes of the network.
const page = new EventTarget();
globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.removeEventListener = page.removeEventListener.bind(page);
Object.defineProperty(globalThis, "navigator", {
  value: {
    get onLine() {
      return !isOffline();
    },
  },
});

export const now = () => nowMs;

/** Sets the date. @param {string} text */
export function setDate(text) {
  unixAtZeroMs = new Date(text).getTime() - nowMs;
}

/**
 * Lets the machine sleep after a delay, for a length of time. Timers that are due meanwhile fire when it wakes up.
 *
 * @param {[number, number]} when
 */
export function sleepIn([ms, length]) {
  sleep = { at: nowMs + ms, until: nowMs + ms + length };
}

/** Disconnects the network from one time until another, both counted from now. @param {[number, number]} when */
export function beOffline([from, until]) {
  offlineFromMs = nowMs + from;
  offlineUntilMs = nowMs + until;
  setTimeout(() => page.dispatchEvent(new Event("online")), until);
}

export const isOffline = () => nowMs >= offlineFromMs && nowMs < offlineUntilMs;

/** Advances the clock until the promise is settled and nothing else is left to do. Resolves to false if it never settles. @param {Promise<unknown>} promise */
export async function isSettled(promise) {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (;;) {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) await new Promise((resolve) => turn(resolve));
    if (settled || timers.size === 0) return settled;
    endNextTimer();
  }
}

/** Removes the timers that are left after all calls have ended; returns their number. */
export function forgetTimers() {
  const left = timers.size;
  timers.clear();
  return left;
}

function endNextTimer() {
  const [id, timer] = [...timers].reduce((first, other) => (other[1].at < first[1].at ? other : first));
  timers.delete(id);
  nowMs = Math.max(nowMs, timer.at);
  if (sleep && nowMs >= sleep.at) {
    nowMs = Math.max(nowMs, sleep.until);
    sleep = undefined;
  }
  timer.call();
}
