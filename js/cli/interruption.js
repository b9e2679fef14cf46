// Ctrl-C: the first one ends the command in an orderly way, the second one at once.
import { setMaxListeners } from "node:events";
import { EXIT, Interrupted } from "./failure.js";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** @typedef {ReturnType<typeof listenForInterruption>} Interruption */

/**
 * What a promise resolves to. Rejects with the reason of the signal if that fires before.
 *
 * @template T
 * @param {Promise<T>} promise @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
export function unlessInterrupted(promise, signal) {
  /** @type {Promise<never>} */
  const interrupted = new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([promise, interrupted]);
}

/** @param {import("./output.js").Output} output */
export function listenForInterruption(output) {
  const controller = new AbortController();
  // Each waiting device listens to the signal.
  setMaxListeners(0, controller.signal);
  /** @type {() => void} */
  let onFirst = () => {};
  /** @type {() => void} */
  let onSecond = () => {};

  const onSignal = () => {
    if (controller.signal.aborted) {
      onSecond();
      process.exit(EXIT.interrupted);
    }
    onFirst();
    controller.abort(new Interrupted());
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  output.onClosed((why) => controller.abort(why));

  return {
    signal: controller.signal,
    /** What to say at the first and at the second signal. @param {{ first: () => void, second: () => void }} handlers */
    set({ first, second }) {
      onFirst = first;
      onSecond = second;
    },
    /** Ends what may still wait after a failure. */
    close() {
      for (const name of SIGNALS) process.off(name, onSignal);
      controller.abort(new Interrupted());
    },
  };
}
