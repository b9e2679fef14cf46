// Starts the simulated Graph of the built package, for `npm start`, the benches and the tests.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { DIST } from "./modules.mjs";
import { SetUpError, environment } from "./tools.mjs";

const COMMAND = [join(DIST, "cli.js"), "simulate", "--exit-with-stdin"];

/** Starts the command. Its standard input is a pipe from this process, so that it ends with this process, however that ends. @param {string[]} flags */
export const spawnSimulator = (flags) =>
  spawn(process.execPath, [...COMMAND, ...flags], { env: environment(), stdio: ["pipe", "pipe", "inherit"] });

/** @param {string[]} flags @returns {Promise<{ url: string, pid: number | undefined, stop: () => void }>} */
export async function startSimulator(flags) {
  const child = spawnSimulator(flags);
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (/** @type {string} */ chunk) => {
      output += chunk;
      const found = /on (http:\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
    child.on("exit", (/** @type {number} */ code) => reject(new SetUpError(`The simulated Graph ended at once (exit code ${code})`)));
    child.on("error", reject);
  });
  return { url, pid: child.pid, stop: () => child.kill() };
}
