// The tools: their paths, versions and environment. Needs no npm package, so that set-up can start with it.
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** An error whose message says what the user must do. It is shown without a stack. */
export class SetUpError extends Error {}

/** The time between two progress messages of set-up where there is no terminal, in milliseconds. */
export const PROGRESS_EVERY_MS = 15_000;

export const CARGO_HOME = process.env.CARGO_HOME || join(homedir(), ".cargo");

/** The match of a pattern; throws if there is none. @param {RegExp} pattern @param {string} text */
export function matched(pattern, text) {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`There is no ${pattern} in: ${text.slice(0, 1_000)}`);
  return found;
}

/** @param {string} file @returns {string} a short hash of its content */
const fingerprint = (file) => createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 8);

// The version of wasm-bindgen's programs must be that of the crate.
const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
const wasmBindgen = matched(/name = "wasm-bindgen"\r?\nversion = "(.+)"/, lock)[1];

/**
 * A program that Cargo compiles. It is kept in its own folder, so that it does not replace the user's programs.
 *
 * @typedef {object} CargoTool
 * @property {string} name of the crate that the program is from
 * @property {string} binary
 * @property {string} version
 * @property {"build" | "test" | "size" | "fuzz" | "deny"} for the purpose that needs it
 * @property {number} seconds its duration with two cores, including downloads, while other things are built
 * @property {string} [path] of the crate, if it is not from crates.io
 */

/** @type {CargoTool[]} */
export const CARGO_TOOLS = [
  { name: "bind-wasm", binary: "bind-wasm", version: wasmBindgen, for: "build", seconds: 60, path: join(ROOT, "tools", "bind-wasm") },
  {
    name: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    version: wasmBindgen,
    for: "test",
    seconds: 120,
    path: join(ROOT, "tools", "wasm-bindgen"),
  },
  { name: "wasm-pack", binary: "wasm-pack", version: "0.15.1", for: "test", seconds: 120 },
  { name: "geckodriver", binary: "geckodriver", version: "0.37.1", for: "test", seconds: 120 },
  { name: "twiggy", binary: "twiggy", version: "0.8.0", for: "size", seconds: 30 },
  { name: "cargo-fuzz", binary: "cargo-fuzz", version: "0.13.2", for: "fuzz", seconds: 30 },
  { name: "cargo-deny", binary: "cargo-deny", version: "0.20.2", for: "deny", seconds: 180 },
];

// https://specifications.freedesktop.org/basedir-spec/latest/: a relative path must be ignored.
const { XDG_CACHE_HOME = "" } = process.env;
const userCache = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
const cache = join(userCache, "teams-device-diagnostics");

/** @param {string} name @param {string} version @param {string} [lockFile] of its dependencies, if this project has one */
export const installFolder = (name, version, lockFile) =>
  join(cache, [name, version, ...(lockFile ? [fingerprint(lockFile)] : [])].join("-"));

/** @param {CargoTool} tool */
export const toolFolder = ({ name, version, path }) => installFolder(name, version, path && join(path, "Cargo.lock"));

/** The environment in which every child process finds the tools. */
export function environment() {
  const folders = CARGO_TOOLS.map((tool) => join(toolFolder(tool), "bin")).filter(existsSync);
  // Windows calls the variable Path, and in a copy of the environment the names are case-sensitive.
  const others = Object.entries(process.env).filter(([name]) => name.toUpperCase() !== "PATH");
  return { ...Object.fromEntries(others), PATH: [...folders, join(CARGO_HOME, "bin"), process.env.PATH].join(delimiter) };
}

/** The folder of a program on the PATH; undefined if it is not there. @param {string} program */
export const folderOf = (program) =>
  environment()
    .PATH.split(delimiter)
    .find((folder) => ENDINGS.some((ending) => isProgram(join(folder, program + ending))));

/** The extension of compiled programs. */
export const EXECUTABLE = process.platform === "win32" ? ".exe" : "";

// The possible extensions of all programs.
const ENDINGS = process.platform === "win32" ? (process.env.PATHEXT ?? ".EXE;.CMD").split(";") : [""];

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} program */
export const isOnPath = (program) => folderOf(program) !== undefined;
