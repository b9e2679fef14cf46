// Lists for people and for other programs: aligned columns on a terminal, tabs elsewhere.
import stringWidth from "string-width";
import { textOf } from "./foreign.js";
import { safeText } from "./safe-text.js";

/** @import { Output } from "./output.js" */

const GAP = "  ";
const NARROWEST = 4;

/**
 * @template Item
 * @param {Output} output
 * @param {[string, (item: Item) => string | null | undefined][]} columns
 * @param {Item[]} items
 */
export function printTable({ out, line }, columns, items) {
  const rows = items.map((item) => columns.map(([, cell]) => safeText(textOf(cell(item)))));
  if (!out.isTerminal) {
    for (const row of rows) line(row.join("\t"));
    return;
  }
  const names = columns.map(([name]) => name.toUpperCase());
  const widths = fitted(
    names.map((_, at) => [names, ...rows].reduce((widest, row) => Math.max(widest, stringWidth(row[at])), 0)),
    out.width(),
  );
  const aligned = (/** @type {string[]} */ row) =>
    row
      .map((cell, at) => padded(out.truncated(cell, widths[at]), widths[at]))
      .join(GAP)
      .trimEnd();
  line(out.colors.dim(aligned(names)));
  for (const row of rows) line(aligned(row));
}

/** The widths of the columns, of which the widest gives way until the row fits. @param {number[]} widths @param {number} room */
function fitted(widths, room) {
  const fit = [...widths];
  const total = () => fit.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  while (total() > room && Math.max(...fit.slice(1)) > NARROWEST) {
    // The first column is an id, which is of no use in parts.
    fit[fit.lastIndexOf(Math.max(...fit.slice(1)))] -= 1;
  }
  return fit;
}

/** @param {string} text @param {number} width */
const padded = (text, width) => text + " ".repeat(Math.max(0, width - stringWidth(text)));
