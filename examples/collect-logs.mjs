// Collects the logs of Teams devices: node collect-logs.mjs DEVICE_ID …
// What was started is kept in runs.json. After Ctrl-C or a crash the same command goes on, and starts nothing twice.
// The token is that of GRAPH_TOKEN or, without it, of whoever is signed in to Azure (az login, a managed identity, …).
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { DefaultAzureCredential } from "@azure/identity";
import { isDiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics";

const AT_ONCE = 4;
const RUNS = "runs.json";

const token = process.env.GRAPH_TOKEN || new DefaultAzureCredential();
const service = process.env.GRAPH_BASE_URL ? { baseUrl: process.env.GRAPH_BASE_URL } : {};
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

/** Where the run of each device is. @type {Record<string, string>} */
const runs = read();
/** @type {Record<string, string>} */
const report = {};

const waiting = [...new Set(process.argv.slice(2))];
await Promise.all(Array.from({ length: AT_ONCE }, work));
console.table(report);
if (Object.values(report).some((outcome) => outcome !== "Successful")) process.exitCode = 1;

async function work() {
  for (let deviceId; !stop.signal.aborted && (deviceId = waiting.shift()); ) report[deviceId] = await collect(deviceId);
}

/** @param {string} deviceId */
async function collect(deviceId) {
  /** @param {import("teams-device-diagnostics").ProgressEvent} event */
  const onProgress = (event) => {
    if (event.type === "started" || event.type === "attached") keep(deviceId, event.location);
    if (event.type === "status" && event.status !== event.previousStatus) console.log(`${deviceId}: ${event.status}`);
    if (event.type === "retry" || event.type === "throttled") console.log(`${deviceId}: again in ${event.retryAfterMs} ms`);
  };
  try {
    // Not ended by Ctrl-C: it is short, and whoever leaves in the middle does not learn where the run is.
    runs[deviceId] ??= await runDiagnostics(token, deviceId, { ...service, onProgress, onConflict: "attach" });
    const { status } = await waitForOperation(runs[deviceId], { ...service, token, onProgress, signal: stop.signal });
    keep(deviceId, undefined);
    return status ?? "";
  } catch (error) {
    if (stop.signal.aborted) return "stopped, goes on with the next call";
    if (!isDiagnosticsError(error)) throw error;
    const hasEnded = error.code === "operationFailed" || error.code === "operationCancelled" || error.code === "notFound";
    if (hasEnded) keep(deviceId, undefined);
    const doubt = error.mayHaveStarted ? " It may be running: check before starting it again." : "";
    return `${error.code}: ${error.message.replace(/\.$/, "")}. ${error.hint ?? ""}${doubt}`;
  }
}

/**
 * @param {string} deviceId
 * @param {string | undefined} location
 */
function keep(deviceId, location) {
  if (location === undefined) delete runs[deviceId];
  else runs[deviceId] = location;
  // Whole or not at all, also when this program is ended in the middle.
  writeFileSync(`${RUNS}.new`, JSON.stringify(runs, null, 2));
  renameSync(`${RUNS}.new`, RUNS);
}

/** @returns {Record<string, string>} */
function read() {
  try {
    return JSON.parse(readFileSync(RUNS, "utf8"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return {};
    throw error;
  }
}
