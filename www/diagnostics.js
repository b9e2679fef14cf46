// The calls of the package. They are downloaded when they are first needed, so that the page opens without them.

/** @typedef {typeof import("./teams-device-diagnostics.js")} Calls */

export class NotDownloaded extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("The part of this page that talks to Graph could not be downloaded. Check the connection, and try again.", { cause });
  }
}

let failures = 0;
/** @type {Promise<Calls> | undefined} */
let loading;

/**
 * Resolves to the calls. After a failed download, the next use downloads them again.
 *
 * @param {AbortSignal} signal ends the wait
 * @returns {Promise<Calls>}
 */
export function calls(signal) {
  loading ??= download().catch((cause) => {
    failures += 1;
    loading = undefined;
    throw new NotDownloaded(cause);
  });
  const loaded = loading;
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
    loaded.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

/** @returns {Promise<Calls>} */
function download() {
  // Firefox remembers a failed URL until the page is left, so each further attempt has its own URL.
  return failures === 0 ? import("./teams-device-diagnostics.js") : import(`./teams-device-diagnostics.js?again=${failures}`);
}
