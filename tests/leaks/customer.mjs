// The customer on a page: begins a call, ends it at some moment, and returns the outcome as values that can be passed out of the page.

import { listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

const controller = new AbortController();
const reason = new Error("enough");
/** @type {any} the outcome so far, which {@link outcomeSoFar} returns */
let outcome = {};

/**
 * Starts a run on a device and waits until it ends. {@link outcomeSoFar} returns the outcome.
 *
 * @param {string} device
 * @param {{ token?: string } & Record<string, any>} options for both calls; `token` is absent for a token source that never settles
 * @param {string} [abortAt] the type of the event at which the signal fires
 */
export function begin(device, { token, ...given }, abortAt) {
  outcome = { state: "pending", events: [] };
  /** @param {import("teams-device-diagnostics").ProgressEvent} event */
  const onProgress = (event) => {
    outcome.events.push(event.type);
    // Not within the event, so that the call has continued after it.
    if (event.type === abortAt) window.setTimeout(abort, 20);
  };
  const options = { ...given, signal: controller.signal, onProgress };
  run(token ?? (() => new Promise(() => {})), device, options).then(
    ({ status }) => Object.assign(outcome, { state: "resolved", status }),
    (error) => Object.assign(outcome, { state: "rejected", code: error.code, isOwnReason: error === reason }),
  );
}

/**
 * @param {import("teams-device-diagnostics").TokenSource} token
 * @param {string} device
 * @param {import("teams-device-diagnostics").WaitOptions} options
 */
async function run(token, device, options) {
  return waitForOperation(await runDiagnostics(token, device, options), options);
}

export const outcomeSoFar = () => outcome;

/** Fires the signal; resolves to the outcome after the next turn of the event loop. */
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

/** Reads a list, and stops at the first operation. @param {string} device @param {{ token: string }} options */
export async function leaveList(device, { token, ...options }) {
  await runDiagnostics(token, device, options);
  for await (const operation of listOperations(token, device, { ...options, signal: controller.signal })) return operation.state;
}

/** Sets the visibility of the document and dispatches the event, because Chromium has no command that hides a page. @param {string} visibilityState */
export function turnTo(visibilityState) {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
