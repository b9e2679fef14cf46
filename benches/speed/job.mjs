// What all peers share: the path of the start, and the states that end an operation.

/** The path of the start, under the service root. */
export const start = (device) => `/teamwork/devices/${encodeURIComponent(device)}/runDiagnostics`;

/** Whether an operation has succeeded; throws if it ended otherwise. */
export function hasSucceeded({ status, error }) {
  if (status === "Failed" || status === "Cancelled") throw new Error(`The operation ended ${status}: ${error?.message}`);
  return status === "Successful";
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
