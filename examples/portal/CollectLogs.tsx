// A button that collects a device's logs. It shows the progress and the result, and a second button stops waiting. The package is downloaded
// when the button is first pressed; until then the portal contains only the type guard for its errors.
import { useEffect, useRef, useState } from "react";
import type { ProgressEvent } from "teams-device-diagnostics";
import { isDiagnosticsError } from "teams-device-diagnostics/errors";
import { token } from "./sign-in";

export function CollectLogs({ deviceId }: { deviceId: string }) {
  const [text, setText] = useState("");
  const [running, setRunning] = useState(false);
  const controller = useRef<AbortController | null>(null);

  // Stops waiting when the component is removed or shows another device.
  useEffect(() => () => controller.current?.abort(), [deviceId]);

  function onProgress(event: ProgressEvent) {
    if (event.type === "attached") setText("The logs of this device are already being collected.");
    if (event.type === "status") setText(`The device says: ${event.status ?? event.state}`);
    if (event.type === "throttled") setText(`Graph is busy: retry in ${Math.ceil(event.retryAfterMs / 1_000)} s`);
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
      if (signal.aborted) setText("No longer waiting. A run that was started on the device continues.");
      else if (isDiagnosticsError(error)) setText(`${error.message}. ${error.hint ?? ""}`);
      else {
        setText("This page could not be loaded completely. Reload it, and try again.");
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
