// A clock that jumps to the next timer as soon as nothing else is due, so that hours take seconds.
import { install } from "@sinonjs/fake-timers";

const { setImmediate } = globalThis;

/**
 * Does a job by the fast clock. Resolves to its result, and the time that it took.
 *
 * @template Result
 * @param {() => Promise<Result>} job
 * @returns {Promise<{ result: Result, took: number }>}
 */
export async function byFastClock(job) {
  const clock = install({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  try {
    const began = clock.now;
    let isDone = false;
    const result = job().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      // Everything that follows from the last timer happens first.
      await new Promise((resolve) => setImmediate(resolve));
      if (!isDone && clock.countTimers() > 0) clock.next();
    }
    return { result: await result, took: clock.now - began };
  } finally {
    clock.uninstall();
  }
}
