// Builds and starts the simulated Graph, for the terminal's run, the page and the tests.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT, environment, must } from "./tools.mjs";

export const SIMULATOR = join(ROOT, "target", "debug", "teams-device-diagnostics-simulator");

export const buildSimulator = () =>
  must("cargo", ["build", "--quiet", "-p", "teams-device-diagnostics-simulator", "--features", "server"]);

/** @param {string[]} flags @returns {Promise<{ url: string, stop: () => void }>} */
export async function startSimulator(flags) {
  // Its standard input is a pipe from here: it ends when this program does, however that happens.
  const stdio = ["pipe", "pipe", "inherit"];
  const child = spawn(SIMULATOR, [...flags, "--exit-with-stdin"], { env: environment(), stdio });
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
  return { url, stop: () => child.kill() };
}
