// Which rows of a long table are in the document (those in view, some beside them, and the one with the focus), and where keys lead.

/** Up to this number all rows are, so that the browser's own search finds them. */
const ALL = 100;
/** The rows above and below the view, so that scrolling meets no empty space. */
const BESIDE = 12;

/** A row, or the height of the rows that are left out. @typedef {{ row: number } | { gap: number, before: number }} Part */

/**
 * The parts of the table in their order.
 *
 * @param {object} given
 * @param {number} given.count of all rows
 * @param {number} given.first row in view
 * @param {number} given.visible how many rows are in view
 * @param {number} given.stop the row at which the Tab key stops; it keeps the focus while it is out of view
 * @returns {Part[]} gaps are counted in rows
 */
export function partsOf({ count, first, visible, stop }) {
  const isWhole = count <= ALL;
  // After a filter the table can be shorter than where it was scrolled to.
  const top = Math.max(0, Math.min(first, count - visible));
  const [from, to] = isWhole ? [0, count] : [Math.max(0, top - BESIDE), Math.min(count, top + visible + BESIDE)];
  const rows = Array.from({ length: to - from }, (_, at) => from + at);
  if (stop >= 0 && stop < from) rows.unshift(stop);
  if (stop >= to) rows.push(stop);
  /** @type {Part[]} */
  const parts = [];
  let next = 0;
  for (const row of [...rows, count]) {
    if (row > next) parts.push({ gap: row - next, before: row });
    if (row < count) parts.push({ row });
    next = row + 1;
  }
  return parts;
}

/**
 * The row that a key leads to.
 *
 * @param {string} key
 * @param {{ here: number, last: number, page: number }} rows `page` is how many rows are in view
 * @returns {number | undefined} undefined if the key leads nowhere
 */
export function destination(key, { here, last, page }) {
  /** @type {Record<string, number>} */
  const rows = { ArrowUp: here - 1, ArrowDown: here + 1, PageUp: here - page, PageDown: here + page, Home: 0, End: last };
  return Object.hasOwn(rows, key) ? Math.min(last, Math.max(0, rows[key])) : undefined;
}
