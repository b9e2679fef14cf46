// The calls of the package.

import { downloaded } from "./download.js";
import { graphPart } from "./messages.js";

/** @typedef {typeof import("./teams-device-diagnostics.js")} Calls */

/** @type {() => Promise<Calls>} */
const download = downloaded("teams-device-diagnostics.js", graphPart);

/** @param {AbortSignal} [signal] ends the wait @returns {Promise<Calls>} */
export function calls(signal) {
  const loaded = download();
  if (signal === undefined) return loaded;
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    loaded.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
