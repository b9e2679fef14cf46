// The locations of operations: which texts are locations of the service, and of which device.

/** @import { RequestOptions } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "./context.js" */

/**
 * The absolute URL of a location. Rejects as the library does if it is not one of the service. Sends nothing: without a token, the
 * library gets no further than this.
 *
 * @param {Context["api"]} api @param {string} location @param {Pick<RequestOptions, "cloud" | "baseUrl">} service
 * @returns {Promise<string>}
 */
export async function absoluteLocation(api, location, { cloud, baseUrl }) {
  try {
    await api.getOperation(location, { cloud, baseUrl });
  } catch (error) {
    if (api.isDiagnosticsError(error) && error.code === "missingToken" && error.location) return error.location;
    throw error;
  }
  throw new Error("a location was resolved without a token");
}

/** Whether a text may be a location: a URL, or a path such as Graph sends. A word is none, although it could be a path. @param {string} text */
export const looksLikeLocation = (text) => /^([a-z][a-z\d+.-]*:)?\/\//i.test(text) || /(^|\/)operations[/(]/i.test(text);

/** The device that a location names; the location itself if it names none. @param {string} location */
export function deviceOf(location) {
  const found = /\/devices(?:\/|\(')([^/?#']+)/i.exec(location);
  if (!found) return location;
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return found[1];
  }
}
