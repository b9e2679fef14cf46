// The last lines of a terminal, which are replaced while a command runs. Other output is written above them.
import stringWidth from "string-width";

const ESC = "\u001B[";
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;

/** @typedef {ReturnType<typeof liveRegion>} LiveRegion */

/** @param {import("./terminal.js").Stream} stream @param {import("./terminal.js").Terminal} terminal */
export function liveRegion(stream, terminal) {
  /** @type {string[]} */
  let lines = [];
  const restoreCursor = () => stream.write(SHOW_CURSOR);

  // A terminal that became narrower has broken the lines into more rows, so they are counted with the present width.
  const erased = () => {
    const width = terminal.width();
    const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / width)), 0);
    return rows > 0 ? `\r${ESC}${rows}A${ESC}J` : "";
  };

  return {
    /** Replaces the lines. They are cut to the width. @param {string[]} wanted */
    draw(wanted) {
      if (lines.length === 0) {
        process.once("exit", restoreCursor);
        stream.write(HIDE_CURSOR);
      }
      const before = erased();
      lines = wanted.map((line) => terminal.shown(terminal.truncated(line, terminal.width() - 1)));
      stream.write(`${before}${lines.join("\n")}\n`);
    },
    /** Removes the lines, so that other output can be written. */
    clear() {
      if (lines.length === 0) return;
      stream.write(erased() + SHOW_CURSOR);
      process.off("exit", restoreCursor);
      lines = [];
    },
  };
}
