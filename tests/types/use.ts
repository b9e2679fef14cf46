// Real use, as in a portal and a script. It is compiled with strict types, but not run.
import {
  type DiagnosticsErrorCode, type ProgressEvent, type TeamworkDeviceOperation, type TokenCredential,
  DiagnosticsError, getOperation, isDiagnosticsError, listDevices, listOperations, runDiagnostics, waitForOperation,
} from "teams-device-diagnostics";

export async function collectLogs(token: string, deviceId: string): Promise<TeamworkDeviceOperation> {
  const location: string = await runDiagnostics(token, deviceId);
  return waitForOperation(location);
}

export async function withEverything(credential: TokenCredential, deviceId: string, signal: AbortSignal): Promise<string> {
  const location = await runDiagnostics(credential, deviceId, { cloud: "usGovL4", signal, maxRetries: 0, rememberToken: false, onProgress: show });
  const operation = await waitForOperation(location, {
    token: async ({ scopes }) => scopes.join(),
    baseUrl: "https://graph.microsoft.us/beta",
    timeout: 10_000,
    operationTimeout: Infinity,
    tokenTimeout: 60_000,
    pollInterval: 5_000,
    patience: Infinity,
    onProgress: show,
    fetch,
  });
  const events: ProgressEvent[] = [];
  const seen = await getOperation(location, { token: "token", onProgress: (event) => events.push(event) });
  await waitForOperation(location, { onProgress: async ({ type }) => console.log(type) });
  return `${operation.status ?? ""} ${seen.state} ${operation.createdBy?.user?.displayName ?? ""}`;
}

export async function whoElse(token: string, deviceId: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { state, createdBy } of listOperations(token, deviceId, { cloud: "china" })) {
    if (state === "queued") names.push(createdBy?.user?.displayName ?? "");
  }
  return names;
}

export async function offline(token: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { healthStatus, hardwareDetail, currentUser } of listDevices(token, { cloud: "china" })) {
    if (healthStatus === "offline") names.push(currentUser?.displayName ?? hardwareDetail?.model ?? "");
  }
  return names;
}

function show(event: ProgressEvent): string {
  switch (event.type) {
    case "started":
      return `${event.location} ${event.recovered === true} ${event.operation?.createdBy?.user?.displayName ?? ""}`;
    case "attached":
      return `${event.location} ${event.operation.createdBy?.user?.displayName ?? ""}`;
    case "status":
      return `${event.state} ${event.previousStatus ?? ""} ${event.nextPollInMs?.toFixed() ?? ""}`;
    case "retry":
    case "throttled":
      return `${event.attempt} ${event.retryAfterMs} ${event.retryAfterFrom}`;
    case "abandoned":
      return event.deviceId;
    default:
      return event satisfies never;
  }
}

export function explain(error: unknown): string {
  if (!isDiagnosticsError(error)) throw error;
  const code: DiagnosticsErrorCode = error.code;
  if (error.mayHaveStarted) return "list the operations before you start another";
  if (code === "operationFailed") return error.operation?.error?.message ?? "";
  return `${error.message} ${error.hint ?? ""} ${error.requestId ?? ""} ${error instanceof DiagnosticsError}`;
}
