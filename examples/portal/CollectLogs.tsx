// A button that collects a device's logs, says how far that is and what came of it, and can stop waiting. The package is downloaded
// when it is first pressed; the portal itself carries the guard for its errors only.
import { useEffect, useRef, useState } from "react";
import type { ProgressEvent } from "teams-device-diagnostics";
import { isDiagnosticsError } from "teams-device-diagnostics/errors";
import { token } from "./sign-in";

export function CollectLogs({ deviceId }: { deviceId: string }) {
  const [text, setText] = useState("");
  const [running, setRunning] = useState(false);
  const controller = useRef<AbortController | null>(null);

  // Whoever leaves, or turns to another device, is not called back.
  useEffect(() => () => controller.current?.abort(), [deviceId]);

  function onProgress(event: ProgressEvent) {
    if (event.type === "attached") setText("Somebody has already asked for the logs of this device.");
    if (event.type === "status") setText(`The device says: ${event.status ?? event.state}`);
    if (event.type === "throttled") setText(`Graph is busy: again in ${Math.ceil(event.retryAfterMs / 1_000)} s`);
  }

  async function collect() {
    const { signal } = (controller.current = new AbortController());
    setRunning(true);
    setText("Starting …");
    try {
      const { runDiagnostics, waitForOperation } = await import("teams-device-diagnostics");
      const location = await runDiagnostics(token, deviceId, { signal, onProgress, onConflict: "attach" });
      await waitForOperation(location, { signal, onProgress });
      setText("Done: the logs are in the Teams admin center.");
    } catch (error) {
      if (signal.aborted) setText("No longer waiting. What was started on the device goes on.");
      else if (isDiagnosticsError(error)) setText(`${error.message}. ${error.hint ?? ""}`);
      else {
        setText("That did not work. Reload the page, and try again.");
        throw error;
      }
    } finally {
      setRunning(false);
    }
  }

  return (
    <section>
      <button onClick={collect} disabled={running}>Collect logs</button>
      {running && <button onClick={() => controller.current?.abort()}>Stop waiting</button>}
      <p role="status">{text}</p>
    </section>
  );
}
