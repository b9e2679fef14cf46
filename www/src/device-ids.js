// Reads device ids from pasted text and from the CSV export of the Teams admin center.

const COLUMN = "device id";
/** A JSON Web Token. Most of Microsoft's tokens are such. */
const TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;
const SEPARATORS = [",", ";", "\t"];

/**
 * The ids in pasted text, separated by white space, commas or semicolons; in order, without duplicates.
 *
 * @param {string} text
 * @throws {Error} with a message for the user if one is an access token, which would be shown and exported
 */
export function idsFromText(text) {
  return once(withoutMark(text).split(/[\s,;]+/));
}

/**
 * The ids in the column "Device Id" of the CSV export of the Teams admin center; in order, without duplicates.
 *
 * @param {string} text
 * @throws {Error} with a message for the user if there is no such column, or an access token in it
 */
export function idsFromCsv(text) {
  const rows = rowsOf(withoutMark(text));
  const names = (rows[0] ?? []).map((name) => name.trim().toLowerCase());
  const column = names.indexOf(COLUMN);
  if (column < 0) {
    throw new Error(
      'This file has no column "Device Id". Export the devices in the Teams admin center as CSV, and use that file unchanged.',
    );
  }
  return once(rows.slice(1).map((row) => (row[column] ?? "").trim()));
}

/** @param {string[]} ids */
function once(ids) {
  if (ids.some((id) => TOKEN.test(id))) {
    throw new Error("This looks like an access token, not a device id. Paste it only into the field Access token.");
  }
  return [...new Set(ids)].filter((id) => id !== "");
}

/** Removes the byte order mark, which Excel and the admin center write. @param {string} text */
const withoutMark = (text) => text.replace(/^\uFEFF/, "");

/**
 * The rows of a CSV (RFC 4180). The separator depends on the country.
 *
 * @param {string} text
 */
function rowsOf(text) {
  const { separator, start } = separatorOf(text);
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let row = [];
  for (let at = start; at < text.length; ) {
    const { cell, end } = cellAt(text, at, separator);
    row.push(cell);
    at = end;
    if (text[at] === separator) {
      at += 1;
      // A separator at the end of the text is followed by an empty cell.
      if (at === text.length) row.push("");
      continue;
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/**
 * The separator. Excel may name it in an extra first line, `sep=;`; otherwise it is the most frequent one in the first line.
 *
 * @param {string} text
 */
function separatorOf(text) {
  const named = /^sep=(.)(?:\r\n|\n|\r|$)/i.exec(text);
  if (named) return { separator: named[1], start: named[0].length };
  const [first] = text.replace(/"(?:[^"]|"")*"/g, "").split(/\r\n|\n|\r/, 1);
  const count = (/** @type {string} */ separator) => first.split(separator).length;
  return { separator: SEPARATORS.reduce((most, other) => (count(other) > count(most) ? other : most)), start: 0 };
}

/**
 * The cell at a position. If it is in quotes, a quote in it is doubled.
 *
 * @param {string} text
 * @param {number} start
 * @param {string} separator
 */
function cellAt(text, start, separator) {
  if (text[start] !== '"') return plainCell(text, start, separator);
  let cell = "";
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { cell: cell + text.slice(at), end: text.length };
    cell += text.slice(at, quote);
    at = quote + 2;
    if (text[quote + 1] === '"') {
      cell += '"';
      continue;
    }
    const rest = plainCell(text, quote + 1, separator);
    return { cell: cell + rest.cell, end: rest.end };
  }
}

/**
 * @param {string} text
 * @param {number} start
 * @param {string} separator
 */
function plainCell(text, start, separator) {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== "\r" && text[end] !== "\n") end += 1;
  return { cell: text.slice(start, end), end };
}
