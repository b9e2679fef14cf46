// Reads device ids from the CSV export of the Teams admin center, and from other CSV files.
import { parse } from "csv-parse/sync";
import { messageOf, usageError } from "./failure.js";
import { cleanId, mistakesAmong } from "./id-cells.js";
import { DELIMITERS, ID_COLUMNS, columnOf, namedDelimiter } from "./id-columns.js";
import { looksLikeToken } from "./safe-text.js";

/**
 * The ids in the column `Device Id`, in any of its spellings; in order, without duplicates.
 *
 * @param {string} text of the file
 * @param {string} name of the file, for messages
 */
export function idsFromCsv(text, name) {
  const { rows, column } = tableOf(text, name);
  // Spreadsheets write lines of separators alone.
  const filled = rows.slice(1).filter(({ record }) => record.some((cell) => cleanId(cell) !== ""));
  const found = filled.map(({ record, info }) => ({ id: cleanId(record[column] ?? ""), line: info.lines }));
  const ids = unique(found.map(({ id }) => id));
  if (ids.length === 0) throw usageError(`--csv ${name}: the column "${rows[0].record[column]}" is empty`, "Export the devices again.");
  const mistake = mistakesAmong(ids);
  for (const { id, line } of found) {
    const origin = `--csv ${name}: line ${line}`;
    // A device that is left out in silence is worse than a line that has to be removed.
    if (id === "") throw usageError(`${origin}: there is no device id`, "Add it, or remove this line if it is no device, such as a total.");
    checkedIds([id], origin);
    const whatToDo = mistake(id);
    if (whatToDo) throw usageError(`${origin}: "${id.slice(0, 60)}" is no device id`, whatToDo);
  }
  return ids;
}

/** Refuses what cannot be a device id, before anything is sent. @param {string[]} ids @param {string} origin */
export function checkedIds(ids, origin) {
  // The value is not in the message: it may be a secret.
  if (ids.some(looksLikeToken))
    throw usageError(`${origin}: an access token was given as a device id`, "Set GRAPH_TOKEN, or use --token-file.");
  for (const id of ids) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what an id must not contain
    if (id === "." || id === ".." || id.length > 1_024 || /[\u0000-\u001F\u007F]/.test(id)) {
      // What is that long may be a token, of which no part is shown.
      const what = id.length > 1_024 ? `a text of ${id.length} characters` : `"${id.slice(0, 60)}"`;
      throw usageError(`${origin}: ${what} is no device id`, "Copy the id of the device from the Teams admin center.");
    }
  }
  return ids;
}

/** @param {string[]} ids */
export const unique = (ids) => [...new Set(ids)].filter((id) => id !== "");

/** The rows, read with the delimiter that shows one of the columns. @param {string} text @param {string} name */
function tableOf(text, name) {
  const { line: extraLine, delimiter: named } = namedDelimiter(text);
  if (text.trim() === "") throw usageError(`--csv ${name}: the file is empty`, "Export the devices again.");
  /** @type {unknown} */
  let problem;
  for (const delimiter of named ? [named] : DELIMITERS) {
    try {
      const rows = rowsOf(text.slice(extraLine.length), delimiter);
      const column = columnOf(rows[0]?.record ?? [], ID_COLUMNS);
      if (column >= 0) return { rows, column };
    } catch (error) {
      problem = error;
    }
  }
  if (problem) throw usageError(`--csv ${name}: this is not CSV: ${messageOf(problem)}`, "Correct that line, or export the devices again.");
  throw usageError(
    `--csv ${name}: there is no column "Device Id"`,
    'Export the devices in the Teams admin center as CSV and use that file unchanged; "DeviceId" and "id" are accepted too.',
  );
}

/** A file that was joined or edited may have several. */
const LINE_ENDS = ["\r\n", "\n", "\r"];

/** @param {string} text @param {string} delimiter @returns {{ record: string[], info: { lines: number } }[]} */
function rowsOf(text, delimiter) {
  const usual = { bom: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, trim: true };
  return /** @type {any} */ (parse(text, { ...usual, delimiter, record_delimiter: LINE_ENDS, info: true }));
}
