// The types of the fleet: what it accepts and yields, and that its entry has the same calls.
import { listDevices, runDiagnostics, runDiagnosticsOnDevices, waitForOperation } from "teams-device-diagnostics/fleet";
import type {
  DeviceOutcome,
  DeviceRecord,
  DeviceResult,
  FleetDevice,
  FleetOptions,
  FleetProgressEvent,
} from "teams-device-diagnostics/fleet";

const records: DeviceRecord[] = [];
const stop = new AbortController();
const device: FleetDevice = { deviceId: "d", signal: stop.signal };
const options: FleetOptions = {
  concurrency: 100,
  maxRequestsPerSecond: 20,
  pauseTimeout: Infinity,
  pollInterval: 5_000,
  patience: 60_000,
  onConflict: "attach",
  rememberToken: false,
  signal: stop.signal,
  resume: records,
  onState: async (record) => void records.push(record),
  onProgress(event: FleetProgressEvent) {
    if (event.type === "fleet") return event.waiting + event.running + (event.timeLeftMs ?? 0);
    if (event.type === "paused") return event.reason === "offline" ? undefined : event.error?.code;
    if (event.type === "started") return event.deviceId + event.location;
    if (event.type === "status") return event.deviceId + event.state + event.nextPollInMs;
    return event.deviceId;
  },
};
for await (const result of runDiagnosticsOnDevices("token", ["a", device], options)) {
  const { deviceId, outcome, operation, error, location, startedAt, endedAt, attempts }: DeviceResult = result;
  const known: DeviceOutcome = outcome;
  console.log(deviceId, known, operation?.state, error?.code, location, startedAt, endedAt, attempts.toFixed());
  if (outcome === "stillRunning" && location) await waitForOperation(location);
}
runDiagnosticsOnDevices("token", listDevices("token"));
runDiagnosticsOnDevices(() => "token", new Set(["a"]), null);
await runDiagnostics("token", "d");

// @ts-expect-error a single id is not a list of ids
runDiagnosticsOnDevices("token", 7);
// @ts-expect-error the outcome is one of the documented ones
const unknown: DeviceOutcome = "unknown";
// @ts-expect-error each wait uses the token of the fleet
runDiagnosticsOnDevices("token", ["a"], { token: "other" });
// @ts-expect-error a record has a version
const record: DeviceRecord = { deviceId: "d", state: "starting", time: "", attempts: 0 };
