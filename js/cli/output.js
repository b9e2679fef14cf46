// Writes to standard output and standard error. Nothing but results and events is on standard output with --json.
import { EXIT, Interrupted, codeOf } from "./failure.js";
import { jsonLine, safeText } from "./safe-text.js";
import { liveRegion } from "./live-region.js";
import { terminalOf } from "./terminal.js";

/** @typedef {ReturnType<typeof createOutput>} Output */

/** @param {NodeJS.Process} host @param {{ json?: boolean }} options */
export function createOutput({ stdout, stderr, env }, { json = false }) {
  const out = terminalOf(stdout, env);
  const err = terminalOf(stderr, env);
  const region = liveRegion(stderr, err);
  // NDJSON on the same terminal would be mixed with the live lines.
  const isLive = err.isLive && !(json && out.isTerminal);
  let isClosed = false;
  let isFull = false;

  return {
    out,
    err,
    json,
    isLive,
    region,
    /** A line for a person; colours are allowed, other people's text must be safe. @param {string} text */
    line(text) {
      if (json || isClosed) return;
      region.clear();
      stdout.write(`${out.shown(text)}\n`);
    },
    /** One object for a program. @param {unknown} value */
    record(value) {
      if (!isClosed) stdout.write(`${jsonLine(value)}\n`);
    },
    /** A message for the person who runs the command. @param {string} text */
    note(text) {
      region.clear();
      stderr.write(`${err.shown(text)}\n`);
    },
    /** Calls back when nobody reads standard output any more, such as after `| head -1`. @param {(why: Interrupted) => void} ended */
    onClosed(ended) {
      stdout.on("error", (error) => {
        if (isClosed) return;
        isClosed = true;
        isFull = codeOf(error) !== "EPIPE" && codeOf(error) !== "EOF";
        if (isFull) stderr.write(`Standard output cannot be written: ${safeText(error.message)}\n`);
        ended(new Interrupted(EXIT.notAllSuccessful, isFull ? "Stopping" : "Standard output was closed, so the command stops"));
      });
    },
    /** Waits until all is written. Resolves to false if a part of it could not be. */
    async flush() {
      for (const stream of [stdout, stderr]) await new Promise((resolve) => stream.write("", () => setImmediate(resolve)));
      return !isFull;
    },
    /** Whether a reader such as `head` has read enough. */
    get isClosed() {
      return isClosed && !isFull;
    },
  };
}

/** A failure as two lines: what is wrong, and what to do. @param {Output["err"]} terminal @param {string} message @param {string} [hint] */
export function failureText({ colors }, message, hint) {
  const first = `${colors.red("error:")} ${safeText(message)}`;
  return hint ? `${first}\n${safeText(hint)}` : first;
}
