// Runs the command in a real pseudo-terminal, which `script` of util-linux makes, and shows what a person would see in it.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { environment, until } from "./command.mjs";

const ESC = "\u001B";
const SEQUENCE = new RegExp(`^${ESC}\\[([\\d;?]*[A-Za-z])$`);
const INCOMPLETE = new RegExp(`^${ESC}(\\[[\\d;?]*)?$`);
const PARTS = new RegExp(`${ESC}\\[[\\d;?]*[A-Za-z]|${ESC}\\[?[\\d;?]*$|[^${ESC}]|${ESC}`, "g");

/**
 * @param {import("./command.mjs").CommandFolder} command
 * @param {string[]} args without characters that are special in a shell
 * @param {{ env?: NodeJS.ProcessEnv, columns?: number, rows?: number }} [options]
 */
export async function inTerminal(command, args, { env, columns = 80, rows = 24 } = {}) {
  const screen = new Screen(columns);
  const line = `tty > tty.txt; stty rows ${rows} cols ${columns}; exec "${process.execPath}" "${command.program}" ${args.join(" ")}`;
  const child = spawn("script", ["-qefc", line, "/dev/null"], {
    cwd: command.folder,
    env: environment({ SHELL: "/bin/sh", ...command.env, ...env }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  command.children.push(child);
  let raw = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    raw += text;
    screen.write(text);
  });
  const ended = once(child, "close").then(([code]) => /** @type {number} */ (code));
  await until(() => existsSync(command.file("tty.txt")) && readFileSync(command.file("tty.txt"), "utf8").endsWith("\n"));
  const tty = command.read("tty.txt").trim();
  return {
    screen,
    raw: () => raw,
    ended,
    pressCtrlC: () => child.stdin.write("\u0003"),
    /** As a window that is resized: the terminal changes, and the process gets SIGWINCH. @param {number} columns @param {number} rows */
    resize(columns, rows) {
      screen.columns = columns;
      execFileSync("stty", ["-F", tty, "cols", String(columns), "rows", String(rows)]);
    },
    /** @param {RegExp} pattern */
    shows: (pattern) =>
      until(
        () => pattern.test(screen.text()),
        () => `There is no ${pattern} in:\n${screen.text()}`,
      ),
  };
}

/**
 * A terminal that breaks long lines into rows again when its width changes, as most do. It knows the sequences that the command uses,
 * and refuses others.
 */
class Screen {
  /** @type {string[]} whole lines, which may take several rows */
  #lines = [""];
  #isCursorVisible = true;
  #rest = "";

  /** @param {number} columns */
  constructor(columns) {
    this.columns = columns;
  }

  get isCursorVisible() {
    return this.#isCursorVisible;
  }

  text() {
    return this.#lines.join("\n");
  }

  /** The number of rows that a line takes. @param {string} line */
  rowsOf(line) {
    return Math.max(1, Math.ceil(line.length / this.columns));
  }

  /** @param {string} text */
  write(text) {
    const parts = (this.#rest + text).match(PARTS) ?? [];
    this.#rest = INCOMPLETE.test(parts.at(-1) ?? "") ? (parts.pop() ?? "") : "";
    for (const part of parts) this.#apply(part);
  }

  /** @param {string} part a character or a sequence */
  #apply(part) {
    const [, what] = SEQUENCE.exec(part) ?? [];
    if (part === "\n") this.#lines.push("");
    else if (part === "\r" || what?.endsWith("m")) return;
    else if (what === "?25l" || what === "?25h") this.#isCursorVisible = what === "?25h";
    else if (what?.endsWith("A")) this.#up(Number.parseInt(what, 10));
    // The command moves up and then erases everything below, which `#up` has done.
    else if (what === "J") return;
    else if (part.startsWith(ESC)) throw new Error(`The terminal got ${JSON.stringify(part)}`);
    else this.#lines[this.#lines.length - 1] += part;
  }

  /** @param {number} rows */
  #up(rows) {
    this.#lines.pop();
    for (let left = rows; left > 0 && this.#lines.length > 0; ) left -= this.rowsOf(this.#lines.pop() ?? "");
    this.#lines.push("");
  }
}
