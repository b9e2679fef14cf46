// The customer on a page: begins a call, ends it at a moment, and tells what came of it in values that can leave the page.

import { listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

const controller = new AbortController();
const reason = new Error("enough");
/** @type {any} what {@link told} tells, as far as it is known */
let outcome = {};

/**
 * Starts a run on a device and waits for its end, to be inspected with {@link told}.
 *
 * @param {string} device
 * @param {{ token?: string } & Record<string, any>} options for both calls; `token` is absent for a source that never answers
 * @param {string} [abortAt] the type of the event at which the signal fires
 */
export function begin(device, { token, ...given }, abortAt) {
  outcome = { state: "pending", events: [] };
  const onProgress = (event) => {
    outcome.events.push(event.type);
    // Not within the event: the call shall have got where it goes from there.
    if (event.type === abortAt) window.setTimeout(abort, 20);
  };
  const options = { ...given, signal: controller.signal, onProgress };
  run(token ?? (() => new Promise(() => {})), device, options).then(
    ({ status }) => Object.assign(outcome, { state: "resolved", status }),
    (error) => Object.assign(outcome, { state: "rejected", code: error.code, isOwnReason: error === reason }),
  );
}

async function run(token, device, options) {
  return waitForOperation(await runDiagnostics(token, device, options), options);
}

export const told = () => outcome;

/** Fires the signal; resolves to what came of the call in the turn after that. */
export async function abort() {
  controller.abort(reason);
  await /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage("");
    })
  );
  outcome.stateAfterAbort = outcome.state;
  return outcome;
}

/** Reads a list and leaves it at the first operation. */
export async function leaveList(device, { token, ...options }) {
  await runDiagnostics(token, device, options);
  for await (const operation of listOperations(token, device, { ...options, signal: controller.signal })) return operation.state;
}

/** Chromium has no command that hides a page: its document says so, and tells it by the event. */
export function turnTo(visibilityState) {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
