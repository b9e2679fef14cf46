// The cells of a CSV file that should hold device ids: what programs add to an id, and what is in its place by mistake.

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id in a cell, without what Excel and this command's own report add: blanks (also no-break spaces), the `="…"` that keeps a number
 * as text, and the apostrophe before what begins like a formula.
 *
 * @param {string} cell
 */
export function cleanId(cell) {
  const text = cell.trim();
  const kept = /^="(.*)"$/.exec(text)?.[1].trim() ?? text;
  return /^'[=+\-@]/.test(kept) ? kept.slice(1) : kept;
}

/**
 * A function that says what to do about an id that is none, or undefined. Ids are any text, but those of one file have one form.
 *
 * @param {string[]} ids all ids of the file
 * @returns {(id: string) => string | undefined}
 */
export function mistakesAmong(ids) {
  const areGuids = ids.filter((id) => GUID.test(id)).length * 2 >= ids.length;
  return (id) => {
    if (/^\d(?:[.,]\d+)?E\+\d+$/i.test(id))
      return "Excel took the id for a number: format the column as text, and export the devices again.";
    if (/^["'\u2018\u201C\u201E].*["'\u2018-\u201D]$/.test(id)) return "Remove the quotation marks, or quote the whole cell.";
    if (/\s/.test(id)) return "Remove this line if it is no device, such as a total.";
    if (areGuids && !GUID.test(id)) return "The others are GUIDs. Correct the id, or remove this line if it is no device, such as a total.";
    return undefined;
  };
}
