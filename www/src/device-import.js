// Devices of a file that the user gives the page: reading it, and the words about what was not taken.

import { messageOf } from "./error-message.js";
import { downloaded } from "./download.js";
import * as texts from "./messages-devices.js";

/** @import { KnownDevice } from "./devices.js" */

/** @type {() => Promise<typeof import("./device-files.js")>} */
const reader = downloaded("device-files.js", texts.fileReader);

/** Far more than a list of devices needs. */
const MOST_BYTES = 64 * 1024 * 1024;

/** So many are named, so that one sees what they are. */
const NAMED = 5;

/**
 * The devices of a file, or why there are none.
 *
 * @param {File} file
 * @returns {Promise<{ devices?: KnownDevice[], ignored?: string[], problem?: string }>}
 */
export async function fileRead(file) {
  try {
    if (file.size > MOST_BYTES) return { problem: texts.tooLarge };
    const content = await file.arrayBuffer().catch(() => undefined);
    if (content === undefined) return { problem: texts.unreadable };
    return (await reader()).devicesFromFile(new Uint8Array(content));
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** What was ignored, for example `Ignored: “please”, “run” and 3 others.` @param {string[]} ignored */
export function ignoredText(ignored) {
  const named = ignored.slice(0, NAMED).map((text) => texts.quoted(text.length > 40 ? `${text.slice(0, 40)}…` : text));
  return texts.ignored(named.join(", "), ignored.length - named.length);
}
