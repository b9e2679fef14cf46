// npm start: builds everything, runs one diagnostics through the built package, and serves the page.
// `--once` ends after the run; `--port N` serves on that port.
import { parseArgs } from "node:util";
import { preparePackage } from "./prepare.mjs";
import { WWW } from "./page.mjs";
import { startSimulator } from "./simulator.mjs";
import { OVER_BUDGET } from "./size.mjs";
import { SetUpError } from "./tools.mjs";

const { values } = parseArgs({ options: { once: { type: "boolean" }, port: { type: "string", default: "0" } } });

if (!/^\d{1,5}$/.test(values.port)) throw new SetUpError(`--port must be a number, such as 8787, not ${values.port}`);
if (!(await preparePackage("build"))) throw new SetUpError(OVER_BUDGET);
const { url, stop } = await startSimulator(["--port", values.port, "--www", WWW]);

console.log(`\nOne diagnostics run through the built package, against the simulated Graph on ${url}`);
const { runDiagnostics, waitForOperation } = await import("../pkg/dist/index.js");
const began = performance.now();
/** @param {string} text */
const step = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
/** @type {(string | undefined)[]} */
const states = [];
try {
  step("POST /teamwork/devices/successful/runDiagnostics");
  const location = await runDiagnostics("simulated-token", "successful", { baseUrl: `${url}/beta` });
  step(`202 Accepted, Location: ${location}`);
  const operation = await waitForOperation(location, {
    onProgress(event) {
      if (event.type !== "status") return;
      states.push(event.status);
      const next = event.nextPollInMs === undefined ? "" : `, next poll in ${(event.nextPollInMs / 1000).toFixed(1)} s`;
      step(event.status + next);
    },
  });
  console.log(`\n${operation.status}: ${states.join(" → ")}\n${JSON.stringify(operation, null, 2)}\n`);
} catch (error) {
  console.error(error);
  stop();
  process.exit(1);
}

if (values.once) {
  stop();
} else {
  console.log(`The page: ${url}/   (Ctrl-C stops it)`);
}
