// Builds and starts the simulated Graph, for the terminal's run, the page and the tests.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT, environment, must } from "./tools.mjs";

const built = (profile) => join(process.env.CARGO_TARGET_DIR || join(ROOT, "target"), profile, "teams-device-diagnostics-simulator");

export const SIMULATOR = built("debug");
/** For benches: `buildSimulator("--profile", "bench")`. */
export const FAST_SIMULATOR = built("release");

/** @param {...string} flags of cargo */
export const buildSimulator = (...flags) =>
  must("cargo", ["build", "--quiet", "-p", "teams-device-diagnostics-simulator", "--features", "server", ...flags]);

/** @param {string[]} flags @returns {Promise<{ url: string, pid: number, stop: () => void }>} */
export async function startSimulator(flags, program = SIMULATOR) {
  // Its standard input is a pipe from here: it ends when this program does, however that happens.
  const stdio = ["pipe", "pipe", "inherit"];
  const child = spawn(program, [...flags, "--exit-with-stdin"], { env: environment(), stdio });
  const url = await new Promise((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const found = /on (http:\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
    child.on("exit", (code) => reject(new Error(`The simulated Graph ended at once (exit code ${code})`)));
    child.on("error", reject);
  });
  return { url, pid: child.pid, stop: () => child.kill() };
}
