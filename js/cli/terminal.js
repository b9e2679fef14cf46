// What a terminal can show: colours, Unicode, and how much of it.
import cliTruncate from "cli-truncate";
import isUnicodeSupported from "is-unicode-supported";
import picocolors from "picocolors";

/** @typedef {NodeJS.WriteStream & { fd?: number }} Stream */
/** @typedef {ReturnType<typeof terminalOf>} Terminal */

/** @param {Stream} stream @param {NodeJS.ProcessEnv} env */
export function terminalOf(stream, env) {
  const isTerminal = stream.isTTY === true;
  const unicode = isUnicode(env);
  return {
    isTerminal,
    /** Whether lines can be replaced. */
    isLive: isTerminal && env.TERM !== "dumb",
    colors: picocolors.createColors(hasColors(stream, env)),
    marks: unicode ? { good: "✓", bad: "✗", open: "•", warning: "!", full: "█", empty: "░", more: "…" } : ASCII_MARKS,
    /** The size may change at any time. */
    width: () => stream.columns || Number(env.COLUMNS) || 80,
    height: () => stream.rows || 24,
    /** The text with the characters that this terminal has. @param {string} text */
    shown: (text) => (isTerminal && !unicode ? text.replace(/\P{ASCII}/gu, "?") : text),
    /** @param {string} text @param {number} width */
    truncated: (text, width) => cliTruncate(text, Math.max(width, 1), { truncationCharacter: unicode ? "…" : "~" }),
  };
}

const ASCII_MARKS = { good: "+", bad: "x", open: "-", warning: "!", full: "#", empty: ".", more: "..." };

/** `FORCE_COLOR` outweighs `NO_COLOR`, as in Node. @param {Stream} stream @param {NodeJS.ProcessEnv} env */
export function hasColors(stream, env) {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** Whether the terminal shows more than ASCII: Windows terminals are recognised, others say it by the locale. @param {NodeJS.ProcessEnv} env */
function isUnicode(env) {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return isUnicodeSupported() && (process.platform === "win32" || /utf-?8/i.test(locale));
}
