// Where the keys lead in the list of devices.

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
