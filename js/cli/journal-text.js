// The text of a journal: its first line says what it is, and each other line is a record. The last record of a device counts.
import { usageError } from "./failure.js";
import { parsed } from "./foreign.js";
import { jsonLine } from "./safe-text.js";
import { OUTCOMES } from "./words.js";

/** @import { DeviceRecord } from "teams-device-diagnostics/fleet" */

/**
 * What a line holds: a record of the fleet, or a device of which only the id is known so far.
 *
 * @typedef {{ version: 1, deviceId: string, state: "waiting" }} WaitingDevice
 * @typedef {DeviceRecord | WaitingDevice} Entry
 */

const FORM = "teams-device-diagnostics";
const VERSION = 1;

/** @param {string} service the root that the records belong to @param {Iterable<Entry>} entries */
export const journalText = (service, entries) => linesOf([{ journal: FORM, version: VERSION, service }, ...entries]);

/** @param {unknown[]} values */
export const linesOf = (values) => values.map((value) => `${jsonLine(value)}\n`).join("");

/** @param {string} deviceId @returns {WaitingDevice} */
export const waiting = (deviceId) => ({ version: VERSION, deviceId, state: "waiting" });

/** @param {Entry} entry @returns {entry is DeviceRecord} */
export const isRecord = (entry) => entry.state !== "waiting";

/**
 * The last entry of each device, in the order of these entries. An empty text has none.
 *
 * @param {string} text @param {string} file as the user named it, for messages @param {string} service
 * @param {(location: string) => Promise<unknown>} locate rejects if a location is not one of the service
 * @returns {Promise<Map<string, Entry>>}
 */
export async function entriesOf(text, file, service, locate) {
  const all = text.split("\n").map((row, index) => ({ row, number: index + 1 }));
  const rows = all.filter(({ row }) => row.trim() !== "");
  // Only the last line can be incomplete after a crash.
  if (rows.length > 1 && !text.endsWith("\n") && !isEntry(parsed(all[all.length - 1].row))) rows.pop();
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  if (rows.length === 0) return entries;
  checkHeader(parsed(rows[0].row), file, service);
  for (const { row, number } of rows.slice(1)) {
    const entry = checked(parsed(row), `--state ${file}: line ${number}`);
    if (entry.state === "running") {
      await locate(/** @type {string} */ (entry.location)).catch(() => {
        throw usageError(`--state ${file}: line ${number} has a location that is not one of ${service}`, WHAT_TO_DO);
      });
    }
    entries.delete(entry.deviceId);
    entries.set(entry.deviceId, entry);
  }
  return entries;
}

/** @param {any} header @param {string} file @param {string} service */
function checkHeader(header, file, service) {
  if (header?.journal !== FORM || typeof header.service !== "string")
    throw usageError(`--state ${file}: this file is not a state file; it was left unchanged`, "Name a new file.");
  if (header.version !== VERSION) throw usageError(`--state ${file}: this file is of another version of this command`, "Use that version.");
  if (header.service !== service) {
    throw usageError(`--state ${file}: this file belongs to ${header.service}, not to ${service}`, "Pass the same --cloud or --base-url.");
  }
}

const WHAT_TO_DO = "Restore the file, or use another one and check what runs.";

/** @param {any} entry @param {string} where @returns {Entry} */
function checked(entry, where) {
  if (typeof entry?.deviceId === "string" && entry.version !== VERSION)
    throw usageError(`${where} is of another version of this command`, "Use that version.");
  if (!isEntry(entry)) throw usageError(`${where} is damaged`, WHAT_TO_DO);
  return entry;
}

/** What each state needs, besides the time. @type {Record<string, (record: any) => boolean>} */
const NEEDS = {
  starting: () => true,
  running: ({ location }) => typeof location === "string",
  ended: ({ outcome }) => typeof outcome === "string" && Object.hasOwn(OUTCOMES, outcome),
};

/** @param {any} value @returns {value is Entry} */
function isEntry(value) {
  if (value?.version !== VERSION || typeof value.deviceId !== "string" || value.deviceId === "") return false;
  if (value.state === "waiting") return true;
  if (typeof value.state !== "string" || typeof value.time !== "string") return false;
  return Object.hasOwn(NEEDS, value.state) && !Number.isNaN(Date.parse(value.time)) && NEEDS[value.state](value);
}
