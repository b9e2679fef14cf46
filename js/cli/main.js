#!/usr/bin/env node
// The entry of the command: reads the arguments, performs one command, and ends with its exit code.
import { CommanderError } from "commander";
import * as api from "teams-device-diagnostics/fleet";
import packageJson from "../package.json" with { type: "json" };
import { check } from "./commands/check.js";
import { devices } from "./commands/devices.js";
import { operations } from "./commands/operations.js";
import { run } from "./commands/run.js";
import { simulate } from "./commands/simulate.js";
import { wait } from "./commands/wait.js";
import { listenForDefects } from "./defects.js";
import { EXIT, Failure, Interrupted, messageOf } from "./failure.js";
import { hintText, inOwnWords } from "./hint.js";
import { listenForInterruption } from "./interruption.js";
import { createOutput, failureText } from "./output.js";
import { createProgram } from "./program.js";
import { rememberToken, safeText, withoutTokens } from "./safe-text.js";
import { terminalOf, hasColors } from "./terminal.js";

/** @import { Command } from "commander" */
/** @import { CommandName } from "./program.js" */

const { argv, env, stdout, stderr } = process;
const args = argv.slice(2);
const COMMANDS = { run, wait, devices, operations, check, simulate };
/** The exit codes of the library's errors that have one of their own. @type {Partial<Record<string, number>>} */
const EXIT_OF = { invalidArgument: EXIT.usage, unauthorized: EXIT.noAccess, forbidden: EXIT.noAccess, missingToken: EXIT.noAccess };

// The messages about wrong arguments repeat them, and that one could be among them.
rememberToken((env.GRAPH_TOKEN ?? "").trim());
const defects = listenForDefects((error) => process.exit(fail(error)));
process.exitCode = await main();
// What was interrupted, such as a read of a pipe or the Azure CLI, would keep this process.
if (process.exitCode === EXIT.interrupted || defects.haveOccurred) process.exit();

/** @returns {Promise<number>} the exit code */
async function main() {
  /** @type {number} */
  let exitCode = EXIT.allSuccessful;
  const program = createProgram(packageJson.version, async (name, given, options) => {
    exitCode = await perform(name, given, options);
  });
  adapt(program);
  // Help that is cut off by a pager is no failure, and messages have no other place to go.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.allSuccessful : EXIT.usage;
    return fail(error);
  }
}

/** @param {CommandName} name @param {any} given @param {any} options @returns {Promise<number>} */
async function perform(name, given, options) {
  const output = createOutput(process, options);
  const interruption = listenForInterruption(output);
  // Node would end while a promise is open and nothing is scheduled.
  const keepAlive = setInterval(() => {}, 2 ** 30);
  const context = { api, output, interruption, defects, stderr, env, args };
  try {
    const needsGiven = given !== undefined;
    const command = /** @type {any} */ (COMMANDS[name]);
    const exitCode = await (needsGiven ? command(context, given, options) : command(context, options));
    return (await output.flush()) ? exitCode : Math.max(exitCode, EXIT.notAllSuccessful);
  } catch (error) {
    await output.flush();
    // Whoever reads only the beginning of a list has what they want.
    if (error instanceof Interrupted) return output.isClosed ? EXIT.allSuccessful : error.exitCode;
    throw error;
  } finally {
    clearInterval(keepAlive);
    interruption.close();
  }
}

/** Prints why the command failed. @param {unknown} error @returns {number} the exit code */
function fail(error) {
  const terminal = terminalOf(stderr, env);
  if (error instanceof Failure) {
    stderr.write(`${terminal.shown(failureText(terminal, error.message, error.hint))}\n`);
    return error.exitCode;
  }
  if (api.isDiagnosticsError(error)) {
    const because = error.code === "unauthorized" && error.cause ? ` (${messageOf(error.cause)})` : "";
    stderr.write(`${terminal.shown(failureText(terminal, `${inOwnWords(error.message)}${because}`, hintText(error.hint)))}\n`);
    return EXIT_OF[error.code] ?? EXIT.notAllSuccessful;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  const lines = stack.split("\n").map(safeText).join("\n");
  stderr.write(`${failureText(terminal, "A defect of this command ended it. Report it, with the lines below.")}\n${lines}\n`);
  return EXIT.notAllSuccessful;
}

/** Makes commander throw, and write as this command writes. @param {Command} program */
function adapt(program) {
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      getOutHasColors: () => hasColors(stdout, env),
      getErrHasColors: () => hasColors(stderr, env),
      writeOut: (text) => stdout.write(terminalOf(stdout, env).shown(text)),
      outputError: (text, write) => write(errorText(text, command === program ? "--help" : `help ${command.name()}`)),
    });
    command.configureHelp({ styleTitle: (title) => terminalOf(stdout, env).colors.bold(title), sortSubcommands: false });
  }
}

/** The message of commander, which repeats arguments. @param {string} text @param {string} help the arguments that print the help */
function errorText(text, help) {
  const [first, ...suggestion] = withoutTokens(text)
    .replace(/^error: /, "")
    .trim()
    .split("\n");
  const explained = `teams-device-diagnostics ${help} explains the options.`;
  return `${failureText(terminalOf(stderr, env), first, [...suggestion, explained].join(" "))}\n`;
}
