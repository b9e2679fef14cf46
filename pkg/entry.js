// The package's main entry: the wasm is in it, deflated, and is unpacked with the first call.
import { compileWith } from "./calls.js";
import deflated from "./dist/teams_device_diagnostics.wasm";

export { DiagnosticsError, getOperation, isDiagnosticsError, listOperations, runDiagnostics, waitForOperation } from "./calls.js";

compileWith(async () => WebAssembly.compile(await inflate(Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0)))));

function inflate(bytes) {
  // Jest loads the CommonJS bundle, and its jsdom lacks streams although Node has them.
  if (COMMONJS && !globalThis.DecompressionStream) return globalThis.process.getBuiltinModule("node:zlib").inflateRawSync(bytes);
  return new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}
