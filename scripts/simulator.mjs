// Builds and starts the simulated Graph, for `npm start`, the page and the tests.
import { spawn } from "node:child_process";
import { cargoBuild } from "./cargo.mjs";
import { SetUpError, environment } from "./tools.mjs";

const NAME = "teams-device-diagnostics-simulator";

/**
 * @param {string[]} flags of Cargo: `["--profile", "bench"]` for benches
 * @param {import("./cargo.mjs").Report} [report]
 * @returns {Promise<string>} the program
 */
export const buildSimulator = (flags, report) => cargoBuild(["build", "-p", NAME, "--features", "server", ...flags], NAME, { report });

/** The program that `npm test` built for its suites. */
export function simulatorProgram() {
  const { SIMULATOR_BIN } = process.env;
  if (!SIMULATOR_BIN) throw new Error("SIMULATOR_BIN must name the simulated Graph's program: `npm test -- SUITE` builds it and sets it");
  return SIMULATOR_BIN;
}

/** @param {string[]} flags @returns {Promise<{ url: string, pid: number | undefined, stop: () => void }>} */
export async function startSimulator(flags, program = simulatorProgram()) {
  // Its standard input is a pipe from this process, so that it ends with this process, however that ends.
  const child = spawn(program, [...flags, "--exit-with-stdin"], { env: environment(), stdio: ["pipe", "pipe", "inherit"] });
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
