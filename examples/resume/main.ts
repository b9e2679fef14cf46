// Collects a device's logs, and resumes the wait after a reload. Only the location is stored: it holds no secret.
import { isDiagnosticsError, runDiagnostics, waitForOperation, type ProgressEvent } from "teams-device-diagnostics";
import { token } from "../portal/sign-in";

const STORED = "diagnostics";

const device = document.querySelector("input")!;
const button = document.querySelector("button")!;
const status = document.querySelector("[role=status]")!;

button.addEventListener("click", () => collect(() => runDiagnostics(token, device.value, { onConflict: "attach" })));

const stored = sessionStorage.getItem(STORED);
if (stored !== null) collect(async () => stored);

async function collect(locate: () => Promise<string>) {
  button.disabled = true;
  try {
    const location = await locate();
    sessionStorage.setItem(STORED, location);
    // The token is passed, because a reload forgets the token source of the start.
    const operation = await waitForOperation(location, { token, onProgress });
    sessionStorage.removeItem(STORED);
    status.textContent = `${operation.status}: the logs are in the Teams admin center`;
  } catch (error) {
    if (!isDiagnosticsError(error)) throw error;
    status.textContent = `${error.message}. ${error.hint ?? ""}`;
    // After any other error the location stays stored, so that a reload resumes the wait.
    if (["operationFailed", "operationCancelled", "notFound"].includes(error.code)) sessionStorage.removeItem(STORED);
  } finally {
    button.disabled = false;
  }
}

function onProgress(event: ProgressEvent) {
  if (event.type === "status") status.textContent = event.status ?? event.state;
}
