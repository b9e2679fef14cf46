// Reads devices from files: exports of the Teams admin center, other CSV, and the reports of this page. The page downloads this file when
// the first file is chosen.

import Papa from "papaparse";
import { cleanId, mistakesAmong } from "../../js/cli/id-cells.js";
import {
  DELIMITERS,
  ID_COLUMNS,
  MANUFACTURER_COLUMNS,
  MODEL_COLUMNS,
  NAME_COLUMNS,
  USER_COLUMNS,
  columnOf,
  namedDelimiter,
} from "../../js/cli/id-columns.js";
import { decoded } from "../../js/cli/text-encoding.js";
import { idsFromText, refuseTokens } from "./device-ids.js";
import { neither, noColumn, noList, withoutId } from "./messages-devices.js";

/** @import { KnownDevice } from "./devices.js" */

/** @typedef {{ devices: KnownDevice[], ignored: string[] }} FileDevices in their order, each once; and what was in place of an id */

const LONGEST = 1_024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what an id must not contain
const IMPOSSIBLE = /^\.{1,2}$|[\u0000-\u001F\u007F]/;

/** @param {Uint8Array<ArrayBuffer>} bytes of a file */
export const devicesFromFile = (bytes) => devicesFromText(decoded(bytes));

/**
 * The devices in a text, with what it says of them.
 *
 * @param {string} text
 * @returns {FileDevices}
 * @throws {Error} with a message for the user if there is no column of ids, or an access token in it
 */
export function devicesFromText(text) {
  return checked(/^\s*[[{]/.test(text) ? fromJson(text) : fromCsv(text));
}

/** @param {string} text @returns {KnownDevice[]} */
function fromCsv(text) {
  const { line, delimiter: named } = namedDelimiter(text);
  const body = text.slice(line.length);
  for (const delimiter of named === undefined ? DELIMITERS : [named]) {
    const [header = []] = rowsOf(body, delimiter, 1);
    if (columnOf(header, ID_COLUMNS) >= 0) return devicesOf(rowsOf(body, delimiter));
  }
  const list = asList(body);
  if (list !== undefined) return list;
  throw new Error(noColumn);
}

/** @param {string} text @param {string} delimiter @param {number} [preview] how many rows; 0 for all @returns {string[][]} */
const rowsOf = (text, delimiter, preview = 0) => Papa.parse(text, { delimiter, preview, skipEmptyLines: "greedy" }).data;

/** @param {string[][]} rows the first is the header */
function devicesOf([header, ...rows]) {
  const [id, name, user, manufacturer, model] = [ID_COLUMNS, NAME_COLUMNS, USER_COLUMNS, MANUFACTURER_COLUMNS, MODEL_COLUMNS].map((names) =>
    columnOf(header, names),
  );
  const cell = (/** @type {string[]} */ row, /** @type {number} */ column) => cleanId(row[column] ?? "");
  return rows
    .filter((row) => row.some((text) => cleanId(text) !== ""))
    .map((row) => ({
      id: cell(row, id),
      name: cell(row, name),
      user: cell(row, user),
      make: [cell(row, manufacturer), cell(row, model)].filter(Boolean).join(" "),
    }));
}

/** The ids of a file that is nothing but GUIDs, one a line. @param {string} text @returns {KnownDevice[] | undefined} */
function asList(text) {
  const { ids, ignored } = idsFromText(text);
  return ids.length > 0 && ignored.length === 0 && ids.every((id) => id.length === 36 && id.includes("-"))
    ? ids.map((id) => ({ id }))
    : undefined;
}

/** The report of this page as JSON, and documents of Graph. @param {string} text @returns {KnownDevice[]} */
function fromJson(text) {
  const value = parsed(text);
  const rows = Array.isArray(value) ? value : value?.value;
  if (!Array.isArray(rows)) throw new Error(noList);
  const word = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");
  return rows.map((row) => ({
    id: word(row?.deviceId ?? row?.id),
    name: word(row?.deviceName ?? row?.displayName),
    user: word(row?.currentUser?.displayName),
    make: [word(row?.hardwareDetail?.manufacturer), word(row?.hardwareDetail?.model)].filter(Boolean).join(" "),
  }));
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(neither);
  }
}

/** @param {KnownDevice[]} read @returns {FileDevices} */
function checked(read) {
  const mistake = mistakesAmong([...new Set(read.map(({ id }) => id))].filter(Boolean));
  /** @type {Map<string, KnownDevice>} */
  const devices = new Map();
  /** @type {Set<string>} */
  const ignored = new Set();
  for (const device of read) {
    refuseTokens(Object.values(device));
    if (device.id === "") ignored.add(withoutId(device.name));
    else if (device.id.length > LONGEST || IMPOSSIBLE.test(device.id) || mistake(device.id)) ignored.add(device.id.slice(0, 60));
    else if (!devices.has(device.id)) devices.set(device.id, device);
  }
  return { devices: [...devices.values()], ignored: [...ignored] };
}
