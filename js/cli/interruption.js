// Ctrl-C: the first one ends the command in an orderly way, the second one at once. An output that is lost counts as the first.
import { setMaxListeners } from "node:events";
import { EXIT, Interrupted } from "./failure.js";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** @typedef {ReturnType<typeof listenForInterruption>} Interruption */
/** @typedef {{ first: (why: Interrupted) => void, second: () => void }} Announcements */

/** @type {Announcements} */
const SILENT = { first: () => {}, second: () => {} };

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
  let announce = SILENT;

  const stop = (/** @type {Interrupted} */ why) => {
    if (controller.signal.aborted) return;
    announce.first(why);
    controller.abort(why);
  };
  const onSignal = () => {
    if (controller.signal.aborted) {
      announce.second();
      process.exit(EXIT.interrupted);
    }
    stop(new Interrupted());
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  output.onClosed(stop);

  return {
    signal: controller.signal,
    /** Says what to print at the first and at the second signal, until the returned function is called. @param {Announcements} wanted */
    announce(wanted) {
      announce = wanted;
      return () => {
        announce = SILENT;
      };
    },
    /** Ends the command without an announcement, after a defect. */
    stopSilently() {
      controller.abort(new Interrupted(EXIT.notAllSuccessful));
    },
    /** Ends what may still wait after a failure. */
    close() {
      for (const name of SIGNALS) process.off(name, onSignal);
      controller.abort(new Interrupted());
    },
  };
}
