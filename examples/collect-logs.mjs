// Collects the logs of Teams devices: node collect-logs.mjs DEVICE_ID …
// The locations of started runs are stored in runs.json, so that the same command continues after Ctrl-C or a crash, and starts nothing twice.
// The token is GRAPH_TOKEN, or else that of the user who is signed in to Azure (az login, a managed identity, …).
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { DefaultAzureCredential } from "@azure/identity";
import { isDiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics";

const AT_ONCE = 4;
const RUNS = "runs.json";

const token = process.env.GRAPH_TOKEN || new DefaultAzureCredential();
const service = process.env.GRAPH_BASE_URL ? { baseUrl: process.env.GRAPH_BASE_URL } : {};
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

/** The location of each device's run. @type {Record<string, string>} */
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
    if (event.type === "retry" || event.type === "throttled") console.log(`${deviceId}: retry in ${event.retryAfterMs} ms`);
  };
  try {
    // Not aborted by Ctrl-C: aborting here would lose the location.
    runs[deviceId] ??= await runDiagnostics(token, deviceId, { ...service, onProgress, onConflict: "attach" });
    const { status } = await waitForOperation(runs[deviceId], { ...service, token, onProgress, signal: stop.signal });
    keep(deviceId, undefined);
    return status ?? "";
  } catch (error) {
    if (stop.signal.aborted) return "stopped; run the command again to continue";
    if (!isDiagnosticsError(error)) throw error;
    const hasEnded = error.code === "operationFailed" || error.code === "operationCancelled" || error.code === "notFound";
    if (hasEnded) keep(deviceId, undefined);
    const doubt = error.mayHaveStarted ? " A run may be under way: check before you start another." : "";
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
  // Write atomically.
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
