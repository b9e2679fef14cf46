// Where the tools are, at which versions, and how they are run: read by set-up, build and tests.
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

// The command-line half of wasm-bindgen must be of the version that is compiled in.
const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
const wasmBindgen = /name = "wasm-bindgen"\nversion = "(.+)"/.exec(lock)[1];

/** Programs that come from crates.io; each is kept in a folder of its own, so that nothing of the user's is replaced. */
export const CARGO_TOOLS = [
  { crate: "wasm-bindgen-cli", binary: "wasm-bindgen", version: wasmBindgen, for: "build" },
  { crate: "wasm-pack", binary: "wasm-pack", version: "0.15.1", for: "test" },
  { crate: "geckodriver", binary: "geckodriver", version: "0.37.1", for: "test" },
  { crate: "twiggy", binary: "twiggy", version: "0.8.0", for: "size" },
  { crate: "cargo-fuzz", binary: "cargo-fuzz", version: "0.13.2", for: "fuzz" },
  { crate: "cargo-deny", binary: "cargo-deny", version: "0.20.2", for: "deny" },
];

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "teams-device-diagnostics");

/** @param {{ crate: string, version: string }} tool */
export const toolFolder = (tool) => join(cache, `${tool.crate}-${tool.version}`);

/** The environment in which every child process finds the tools, and in which no path of this machine gets into a build. */
export function environment() {
  const folders = CARGO_TOOLS.map((tool) => join(toolFolder(tool), "bin")).filter(existsSync);
  return { ...process.env, PATH: [...folders, join(homedir(), ".cargo", "bin"), process.env.PATH].join(delimiter) };
}

export const isOnPath = (program) =>
  environment().PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Runs a program to its end, its output going where ours goes, or being collected.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, quiet?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(program, args, { cwd = ROOT, env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on("data", take(process.stdout));
    child.stderr.on("data", take(process.stderr));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs a program that has to succeed. */
export async function must(program, args, options) {
  const { code, output } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed (exit code ${code})${options?.quiet ? `:\n${output}` : ""}`);
  return output;
}
