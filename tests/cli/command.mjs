// Runs the command as a user does: a real process, in a folder of its own, against the simulated Graph.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../scripts/tools.mjs";

const DIST = join(ROOT, "pkg", "dist");
const STAND_IN = join(ROOT, "tests", "cli", "stand-in-fleet.mjs");

/**
 * @typedef {object} Result
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

/** @typedef {import("../../js/types/fleet.d.ts").DeviceResult} DeviceResult */
/** @typedef {ReturnType<typeof commandFolder>} CommandFolder */

/**
 * A folder with the installed command, which is removed after the test.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ script?: import("./stand-in-fleet.mjs").Step[] }} [options] `script` plays a fleet instead of running one
 */
export function commandFolder(t, { script } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "command-"));
  /** @type {import("node:child_process").ChildProcess[]} processes that a failed test leaves */
  const children = [];
  t.after(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const home = join(folder, "package");
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{ "type": "module" }');
  copyFileSync(join(DIST, "cli.js"), join(home, "cli.js"));
  const usesStandIn = script !== undefined || !existsSync(join(DIST, "fleet.js"));
  const fleet = usesStandIn ? STAND_IN : join(DIST, "fleet.js");
  writeFileSync(join(home, "fleet.js"), `export * from ${JSON.stringify(pathToFileURL(fleet).href)};\n`);
  const scriptFile = join(folder, "script.json");
  if (script) writeFileSync(scriptFile, JSON.stringify(script));
  const file = (/** @type {string} */ name) => join(folder, name);
  return {
    program: join(home, "cli.js"),
    home,
    folder,
    children,
    file,
    write: (/** @type {string} */ name, /** @type {string | Buffer} */ content) => {
      writeFileSync(file(name), content);
      return file(name);
    },
    read: (/** @type {string} */ name) => readFileSync(file(name), "utf8"),
    env: script ? { FLEET_SCRIPT: scriptFile } : {},
  };
}

/** The environment of the command: nothing of the developer's own. @param {NodeJS.ProcessEnv} [more] @returns {NodeJS.ProcessEnv} */
export function environment(more = {}) {
  const { HOME, TMPDIR } = process.env;
  return { PATH: "/usr/bin:/bin", HOME, TMPDIR, LANG: "C.UTF-8", TERM: "xterm-256color", GRAPH_TOKEN: "a-token", ...more };
}

/**
 * @param {CommandFolder} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string | Buffer }} [options]
 */
export function start(command, args, { env, input } = {}) {
  const child = spawn(process.execPath, [command.program, ...args], { cwd: command.folder, env: environment({ ...command.env, ...env }) });
  command.children.push(child);
  child.stdin.on("error", () => {});
  if (input !== undefined) child.stdin.end(input);
  const result = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (result.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (result.stderr += text));
  const ended = once(child, "close").then(([code, signal]) => /** @type {Result} */ ({ code, signal, ...result }));
  return { child, result, ended };
}

/**
 * @param {CommandFolder} command @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string | Buffer }} [options]
 */
export const run = (command, args, options) => start(command, args, { input: "", ...options }).ended;

/** The objects of NDJSON. @param {string} text @returns {any[]} */
export const objects = (text) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/** Resolves when a condition holds; rejects after a while. @param {() => boolean} condition @param {() => string} [what] */
export async function until(condition, what = () => "it did not happen") {
  for (const end = Date.now() + 20_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error(what());
  }
}

/** A token with claims, as Microsoft Entra writes them, without a valid signature. @param {object} claims */
export function jwt(claims) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.c2lnbmF0dXJl`;
}

/**
 * Serves one of Graph's stand-ins on a free port until the test ends; resolves to its origin.
 *
 * @param {import("node:test").TestContext} t @param {import("node:http").RequestListener} respond
 */
export async function listen(t, respond) {
  const server = createServer(respond).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}
