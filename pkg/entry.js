// The package's main entry: the wasm is in it, deflated, and is unpacked with the first call.
import { compileWith } from "./calls.js";
import deflated from "./dist/teams_device_diagnostics.wasm";

export { DiagnosticsError, getOperation, isDiagnosticsError, listOperations, runDiagnostics, waitForOperation } from "./calls.js";

compileWith(async () => {
  const bytes = Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return WebAssembly.compile(await new Response(inflated).arrayBuffer());
});
