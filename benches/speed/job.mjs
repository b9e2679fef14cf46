// What all peers share: the path of the start, and the states that end an operation.

/** @typedef {{ status: string, error?: { message?: string } | null }} Operation */

/** The path of the start, under the service root. @param {string} device */
export const start = (device) => `/teamwork/devices/${encodeURIComponent(device)}/runDiagnostics`;

/** Whether an operation has succeeded; throws if it ended otherwise. @param {Operation} operation */
export function hasSucceeded({ status, error }) {
  if (status === "Failed" || status === "Cancelled") throw new Error(`The operation ended ${status}: ${error?.message}`);
  return status === "Successful";
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
