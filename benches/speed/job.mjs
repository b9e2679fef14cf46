// What all peers have in common: where the run is started, and which words end it.

/** The path of the start, under the service root. */
export const start = (device) => `/teamwork/devices/${encodeURIComponent(device)}/runDiagnostics`;

/** Whether an operation succeeded; throws when it ended otherwise. */
export function hasSucceeded({ status, error }) {
  if (status === "Failed" || status === "Cancelled") throw new Error(`The operation ended ${status}: ${error?.message}`);
  return status === "Successful";
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
