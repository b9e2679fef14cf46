// The options that the library has, out of those of the command line.

/** @import { FleetOptions, RequestOptions } from "teams-device-diagnostics/fleet" */
/** @typedef {Pick<RequestOptions, "cloud" | "baseUrl" | "timeout" | "maxRetries" | "operationTimeout">} Chosen */

/**
 * The options of a fleet.
 *
 * @param {Omit<FleetOptions, "onProgress">} options
 * @returns {FleetOptions}
 */
export const fleetOptions = (options) => ({
  ...requestOptions(options),
  concurrency: options.concurrency,
  maxRequestsPerSecond: options.maxRequestsPerSecond,
  onConflict: options.onConflict,
  patience: options.patience,
  pauseTimeout: options.pauseTimeout,
  pollInterval: options.pollInterval,
});

/** @param {Omit<RequestOptions, "onProgress">} options @returns {Chosen} those that were given */
export function requestOptions({ cloud, baseUrl, timeout, maxRetries, operationTimeout }) {
  const options = { cloud, baseUrl, timeout, maxRetries, operationTimeout };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
