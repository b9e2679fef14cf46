// The pace of the requests that the command sends before its fleet, such as those for the list of devices.
import { setTimeout as delay } from "node:timers/promises";

/** The rate of a fleet, if none is chosen. */
const DEFAULT_RATE = 10;
/** The longest that a timer waits. */
const MOST_MS = 2 ** 31 - 1;

/**
 * A `fetch` whose requests follow each other at least as slowly as those of a fleet, and a function that waits for its next turn. The
 * waits should happen there, because those of `fetch` count towards the time limit of the request.
 *
 * @param {number | undefined} rate the most requests in a second @param {AbortSignal} signal rejects the waits
 */
export function paced(rate = DEFAULT_RATE, signal) {
  const distance = Math.min(1_000 / rate, MOST_MS);
  let next = 0;
  const turn = async () => {
    const left = next - performance.now();
    if (left > 0) await delay(left, undefined, { signal }).catch(() => signal.throwIfAborted());
  };
  return {
    turn,
    /** @type {typeof fetch} */
    fetch: async (input, init) => {
      // A retry, or the page after an empty one.
      await turn();
      next = performance.now() + distance;
      return fetch(input, init);
    },
  };
}
