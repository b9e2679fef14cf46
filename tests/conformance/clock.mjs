// A virtual clock in place of Node's: timers end in their order, at once, whenever nothing else is left to do. To be imported
// before the package.

// As in Node: a longer delay becomes the shortest.
const LONGEST_DELAY_MS = 2 ** 31 - 1;
// Reading a body takes a few turns of the event loop.
const QUIET_TURNS = 4;

const turn = globalThis.setImmediate;
const timers = new Map();
let nowMs = 0;
let unixAtZeroMs = 0;
let ids = 0;

globalThis.setTimeout = (callback, delay = 0, ...args) => {
  const ms = delay >= 1 && delay <= LONGEST_DELAY_MS ? Math.trunc(delay) : 1;
  timers.set(++ids, { at: nowMs + ms, call: () => callback(...args) });
  return ids;
};
globalThis.clearTimeout = (id) => timers.delete(id);
performance.now = () => nowMs;
Date.now = () => unixAtZeroMs + nowMs;

export const now = () => nowMs;

/** What the calendar says from now on. */
export function setDate(text) {
  unixAtZeroMs = new Date(text).getTime() - nowMs;
}

/** Lets time go on until the promise is settled and everything that is left has settled too; false when it never is. */
export async function isSettled(promise) {
  let settled = false;
  promise.then(() => (settled = true), () => (settled = true));
  for (;;) {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) await new Promise((resolve) => turn(resolve));
    if (settled || timers.size === 0) return settled;
    endNextTimer();
  }
}

/** How many timers wait for nothing any more, all calls having ended; they are taken away. */
export function forgetTimers() {
  const left = timers.size;
  timers.clear();
  return left;
}

function endNextTimer() {
  const [id, timer] = [...timers].reduce((first, other) => (other[1].at < first[1].at ? other : first));
  timers.delete(id);
  nowMs = timer.at;
  timer.call();
}
