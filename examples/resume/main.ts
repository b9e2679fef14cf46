// Collects a device's logs, and goes on waiting after a reload. Only the location is stored: it holds no secret.
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
    // With the token: the one of before is gone with the page.
    const operation = await waitForOperation(location, { token, onProgress });
    sessionStorage.removeItem(STORED);
    status.textContent = `${operation.status}: the logs are in the Teams admin center`;
  } catch (error) {
    if (!isDiagnosticsError(error)) throw error;
    status.textContent = `${error.message}. ${error.hint ?? ""}`;
    // After any other error it stays, and a reload goes on.
    if (["operationFailed", "operationCancelled", "notFound"].includes(error.code)) sessionStorage.removeItem(STORED);
  } finally {
    button.disabled = false;
  }
}

function onProgress(event: ProgressEvent) {
  if (event.type === "status") status.textContent = event.status ?? event.state;
}
