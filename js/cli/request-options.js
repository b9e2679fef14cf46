// The options that the library has for every request, out of those of the command line.

/** @import { RequestOptions } from "teams-device-diagnostics/fleet" */
/** @typedef {Pick<RequestOptions, "cloud" | "baseUrl" | "timeout" | "maxRetries" | "operationTimeout">} Chosen */

/** @param {RequestOptions} options @returns {Chosen} those that were given */
export function requestOptions({ cloud, baseUrl, timeout, maxRetries, operationTimeout }) {
  const options = { cloud, baseUrl, timeout, maxRetries, operationTimeout };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
