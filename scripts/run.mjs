// Runs programs. Their standard output may be parsed; their standard error is for people.
import { execa } from "execa";
import { ROOT, SetUpError, environment } from "./tools.mjs";

/**
 * @typedef {object} Ended
 * @property {number} code 1 if a signal ended it
 * @property {string} [signal]
 * @property {string} stdout the part that may be parsed
 * @property {string} output both streams as a terminal would show them, for people
 *
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to the common environment; undefined removes a variable
 * @property {boolean} [quiet] whether to hide the output
 * @property {(chunk: string) => void} [onStderr]
 */

/**
 * Runs a program until it ends. Throws if it cannot be started.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Ended>}
 */
export async function run(program, args, { cwd = ROOT, env = {}, quiet = false, onStderr } = {}) {
  /** @type {"pipe" | ["pipe", "inherit"]} */
  const to = quiet ? "pipe" : ["pipe", "inherit"];
  const child = execa(program, args, {
    cwd,
    env: { ...environment(), ...env },
    extendEnv: false,
    stdin: "ignore",
    stdout: to,
    stderr: to,
    all: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 2 ** 28,
  });
  if (onStderr) child.stderr.setEncoding("utf8").on("data", onStderr);
  const { exitCode, signal, stdout, all, shortMessage } = await child;
  // Without a code and a signal, it did not start.
  if (exitCode === undefined && signal === undefined) throw new SetUpError(shortMessage);
  return { code: exitCode ?? 1, signal, stdout, output: all };
}

/**
 * Runs a program that must succeed. Resolves to its standard output.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>}
 */
export async function must(program, args, options) {
  const { code, signal, stdout, output } = await run(program, args, options);
  if (code !== 0)
    throw new SetUpError(`${program} ${args.join(" ")} failed (${signal ?? `exit code ${code}`})${options?.quiet ? `:\n${output}` : ""}`);
  return stdout;
}
