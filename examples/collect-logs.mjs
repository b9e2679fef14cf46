// Collects the logs of Teams devices: node collect-logs.mjs DEVICE_ID …
// Every change is a line of records.ndjson, so that the same command continues after Ctrl-C or a crash, and starts nothing twice.
// The token is GRAPH_TOKEN, or else that of the user who is signed in to Azure (az login, a managed identity, …).
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { DefaultAzureCredential } from "@azure/identity";
import { runDiagnosticsOnDevices } from "teams-device-diagnostics/fleet";

const RECORDS = "records.ndjson";
const lines = existsSync(RECORDS) ? readFileSync(RECORDS, "utf8").split("\n").slice(0, -1) : [];
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

/** @type {import("teams-device-diagnostics/fleet").FleetOptions} */
const options = {
  onConflict: "attach",
  signal: stop.signal,
  resume: lines.map((line) => JSON.parse(line)),
  onState: (record) => appendFileSync(RECORDS, `${JSON.stringify(record)}\n`, { flush: true }),
  onProgress: (event) => {
    if (event.type === "status" && event.status !== event.previousStatus) console.log(`${event.deviceId}: ${event.status}`);
    if (event.type === "paused") console.log(`paused: ${event.reason}`);
  },
};
if (process.env.GRAPH_BASE_URL) options.baseUrl = process.env.GRAPH_BASE_URL;

/** @type {Record<string, string>} */
const report = {};
const token = process.env.GRAPH_TOKEN || new DefaultAzureCredential();
try {
  for await (const { deviceId, outcome, error } of runDiagnosticsOnDevices(token, process.argv.slice(2), options))
    report[deviceId] = [outcome, error?.message, error?.hint].filter(Boolean).join(": ");
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.log("Stopped. Run the command again to continue.");
}
console.table(report);
if (Object.values(report).some((outcome) => outcome !== "successful")) process.exitCode = 1;
