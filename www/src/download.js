// Modules that are downloaded when they are first needed, so that the page opens without them.

import { notDownloaded } from "./messages.js";

export class NotDownloaded extends Error {
  /** @param {string} what @param {unknown} cause */
  constructor(what, cause) {
    super(notDownloaded(what), { cause });
  }
}

/**
 * A function that resolves to the module. After a failed download, the next use downloads it again.
 *
 * @template Module
 * @param {string} file
 * @param {string} what the module is, for the error message
 * @returns {() => Promise<Module>}
 */
export function downloaded(file, what) {
  let failures = 0;
  /** @type {Promise<Module> | undefined} */
  let loading;
  return () => {
    // Firefox remembers a failed URL until the page is left, so each further attempt has its own URL.
    const address = failures === 0 ? `./${file}` : `./${file}?again=${failures}`;
    loading ??= import(address).catch((cause) => {
      failures += 1;
      loading = undefined;
      throw new NotDownloaded(what, cause);
    });
    return loading;
  };
}
