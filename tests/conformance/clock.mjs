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
/** @type {{ at: number, until: number } | undefined} */
let sleep;
let offlineUntilMs = -Infinity;
let offlineFromMs = 0;

// @ts-expect-error: Node's has a form for promises as well, which nothing here uses
globalThis.setTimeout = (callback, delay = 0, ...args) => {
  const ms = delay >= 1 && delay <= LONGEST_DELAY_MS ? Math.trunc(delay) : 1;
  timers.set(++ids, { at: nowMs + ms, call: () => callback(...args) });
  return ids;
};
globalThis.clearTimeout = (id) => timers.delete(id);
performance.now = () => nowMs;
Date.now = () => unixAtZeroMs + nowMs;
// A page's, for what is heard of the network.
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

/** What the calendar says from now on. */
export function setDate(text) {
  unixAtZeroMs = new Date(text).getTime() - nowMs;
}

/** Lets the machine fall asleep in so long, for so long: what is due meanwhile happens when it wakes up. @param {[number, number]} when */
export function sleepIn([ms, length]) {
  sleep = { at: nowMs + ms, until: nowMs + ms + length };
}

/** Takes the network away in so long, until so much later than now. @param {[number, number]} when */
export function beOffline([from, until]) {
  offlineFromMs = nowMs + from;
  offlineUntilMs = nowMs + until;
  setTimeout(() => page.dispatchEvent(new Event("online")), until);
}

export const isOffline = () => nowMs >= offlineFromMs && nowMs < offlineUntilMs;

/** Lets time go on until the promise is settled and everything that is left has settled too; false when it never is. */
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

/** How many timers wait for nothing any more, all calls having ended; they are taken away. */
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
