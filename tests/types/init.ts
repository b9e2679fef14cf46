// The sources that `init` accepts, and that its entry has the same calls.
import { DiagnosticsError, init, isDiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics/init";
import type { TokenSource, WasmSource } from "teams-device-diagnostics/init";
import wasm from "teams-device-diagnostics/teams_device_diagnostics.wasm";

const sources: WasmSource[] = [
  "/assets/teams_device_diagnostics.wasm",
  new URL("https://portal.example/teams_device_diagnostics.wasm"),
  new Response(),
  new ArrayBuffer(8),
  new Uint8Array(8),
  new WebAssembly.Module(new Uint8Array(8)),
];
for (const source of sources) await init(source);
await init(wasm);
await init(fetch("/assets/teams_device_diagnostics.wasm"));
await init(WebAssembly.compileStreaming(fetch("/assets/teams_device_diagnostics.wasm")));

const token: TokenSource = "token";
try {
  const operation = await waitForOperation(await runDiagnostics(token, "device"));
  const status: string | undefined = operation.status;
  console.log(status);
} catch (error) {
  if (isDiagnosticsError(error)) console.log(error satisfies DiagnosticsError);
}

// @ts-expect-error a source is required
await init();
// @ts-expect-error a number is not a source
await init(42);
// @ts-expect-error options are not a source
await init({ module_or_path: "/x.wasm" });
// @ts-expect-error the main entry needs no init
import { init as unknown } from "teams-device-diagnostics";
