// A customer of the package, in Node and on a page: makes a call, and returns the outcome as values that can be passed out of a page.

import { isDiagnosticsError, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

/**
 * The outcome of a call: `value` or `error`.
 *
 * @template Value
 * @typedef {object} Outcome
 * @property {Value} [value]
 * @property {{ code: string, location?: string, operationId?: string, mayHaveStarted: boolean }} [error]
 * @property {import("../../js/types/index.d.ts").ProgressEvent[]} events
 * @property {string} said everything of it that could be shown or logged
 */

/** @returns {Promise<Outcome<string>>} */
export const start = (token, device, options) => told(options, (options) => runDiagnostics(token, device, options));

/** @returns {Promise<Outcome<import("../../js/types/index.d.ts").TeamworkDeviceOperation>>} */
export const follow = (location, options) => told(options, (options) => waitForOperation(location, options));

/**
 * @template Value
 * @param {object} options
 * @param {(options: object) => Promise<Value>} call
 */
async function told(options, call) {
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
