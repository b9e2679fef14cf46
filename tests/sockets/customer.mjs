// A customer of the package, in Node and on a page: makes a call, and returns the outcome as values that can be passed out of a page.

import { isDiagnosticsError, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

/**
 * The outcome of a call: `value` or `error`.
 *
 * @template Value
 * @typedef {object} Outcome
 * @property {Value} [value]
 * @property {{ code: string, location?: string, operationId?: string, mayHaveStarted: boolean }} [error]
 * @property {import("teams-device-diagnostics").ProgressEvent[]} events
 * @property {string} said everything of it that could be shown or logged
 */

/**
 * @param {string} token
 * @param {string} device
 * @param {import("teams-device-diagnostics").RunOptions} options
 */
export const start = (token, device, options) => outcomeOf(options, (options) => runDiagnostics(token, device, options));

/**
 * @param {string} location
 * @param {import("teams-device-diagnostics").WaitOptions} options
 */
export const follow = (location, options) => outcomeOf(options, (options) => waitForOperation(location, options));

/**
 * @template Value
 * @param {import("teams-device-diagnostics").WaitOptions} options
 * @param {(options: import("teams-device-diagnostics").WaitOptions) => Promise<Value>} call
 */
async function outcomeOf(options, call) {
  /** @type {import("teams-device-diagnostics").ProgressEvent[]} */
  const events = [];
  const outcome = /** @type {Outcome<Value>} */ ({ events });
  try {
    outcome.value = await call({ ...options, onProgress: (event) => events.push(event) });
  } catch (error) {
    if (!isDiagnosticsError(error)) throw error;
    const { code, location, operation, mayHaveStarted } = error;
    outcome.error = { code, location, operationId: operation?.id, mayHaveStarted };
    outcome.said = [error, error.stack, JSON.stringify(error), error.cause, JSON.stringify(error.cause)].join("\n");
  }
  outcome.said = [JSON.stringify(outcome.value), JSON.stringify(events), outcome.said].join("\n");
  return outcome;
}
