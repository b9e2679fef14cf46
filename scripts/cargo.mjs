// Builds and installs with Cargo. Reports the progress, and reads from Cargo's output where the built file is.
import { run } from "./run.mjs";
import { SetUpError } from "./tools.mjs";

// By default Cargo shows its progress only on terminals.
const PROGRESS = {
  CARGO_TERM_PROGRESS_WHEN: "always",
  CARGO_TERM_PROGRESS_WIDTH: "100",
  CARGO_TERM_QUIET: "false",
  CARGO_TERM_COLOR: "never",
};
const BUILDING = / Building \[[=> ]*\] (\d+)\/(\d+)/g;
const WAITING = /Blocking waiting for file lock on (?:the )?(.+)/;

/** @typedef {(text: string, options?: { isProgress?: boolean }) => void} Report receives a short text */

/**
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, report?: Report }} [options]
 */
export async function cargo(args, { env, report = () => {} } = {}) {
  /** @param {string} chunk */
  const onStderr = (chunk) => {
    const [, done, all] = [...chunk.matchAll(BUILDING)].at(-1) ?? [];
    if (done) report(`${done} of ${all} compilations`);
    const [, lock] = WAITING.exec(chunk) ?? [];
    if (lock) report(`waiting for another Cargo to release the ${lock}`, { isProgress: false });
  };
  const { code, stdout, output } = await run("cargo", args, { env: { ...env, ...PROGRESS }, quiet: true, onStderr });
  return { code, stdout, output: withoutProgress(output) };
}

/**
 * Builds, prints the compiler's messages, and resolves to the built file. Its path comes from Cargo, because it depends on the user's
 * configuration and environment (`[build] target-dir` and others): a file at the default path may be old.
 *
 * @param {string[]} args beginning with `build` or `rustc`
 * @param {string} target the name of the program or library
 * @param {{ env?: Record<string, string>, report?: Report }} [options]
 * @returns {Promise<string>}
 */
export async function cargoBuild([command, ...args], target, options) {
  const { code, stdout, output } = await cargo([command, "--message-format", "json", ...args], options);
  const messages = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  const said = messages
    .filter(({ reason }) => reason === "compiler-message")
    .map(({ message }) => message.rendered)
    .join("");
  if (code !== 0) throw new SetUpError(`cargo ${command} ${args.join(" ")} failed:\n${said}${withoutMessages(output)}`);
  process.stderr.write(said);
  const made = messages.filter(
    ({ reason, target: { name } = {} }) => reason === "compiler-artifact" && name.replaceAll("-", "_") === target.replaceAll("-", "_"),
  );
  const file = made
    .flatMap(({ executable, filenames }) => executable ?? filenames.filter((/** @type {string} */ name) => name.endsWith(".wasm")))
    .at(-1);
  if (!file) throw new SetUpError(`Cargo does not print the path of ${target}`);
  return file;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape of terminals that clears a line
const CLEARED = /^.*\x1b\[K/gm;

/** @param {string} output */
const withoutProgress = (output) =>
  output
    .replaceAll(/^.*\r/gm, "")
    .replaceAll(CLEARED, "")
    .split("\n")
    .filter((/** @type {string} */ line) => !/^ +(Building|Compiling|Downloaded|Downloading) /.test(line))
    .join("\n")
    .trim();

/** @param {string} output */
const withoutMessages = (output) =>
  output
    .split("\n")
    .filter((/** @type {string} */ line) => !line.startsWith("{"))
    .join("\n");
