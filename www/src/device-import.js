// Devices of a file that the user gives the page: reading it, and the words about what was not taken.

import { downloaded } from "./download.js";
import { count } from "./format.js";

/** @import { KnownDevice } from "./devices.js" */

/** @type {() => Promise<typeof import("./device-files.js")>} */
const reader = downloaded("device-files.js", "The part of this page that reads files");

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
    if (file.size > MOST_BYTES) return { problem: "This file is larger than 64 MiB. Check that it is what you mean." };
    const content = await file.arrayBuffer().catch(() => undefined);
    if (content === undefined) return { problem: "This file cannot be read." };
    return (await reader()).devicesFromFile(new Uint8Array(content));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What was ignored, for example `Ignored: “please”, “run” and 3 others.` @param {string[]} ignored */
export function ignoredText(ignored) {
  const named = ignored.slice(0, NAMED).map((text) => `\u201C${text.length > 40 ? `${text.slice(0, 40)}…` : text}\u201D`);
  const rest = ignored.length - named.length;
  return `Ignored, because it is no device id: ${named.join(", ")}${rest > 0 ? ` and ${count(rest, "other")}` : ""}.`;
}
