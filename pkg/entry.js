// The package's main entry: the wasm is in it as text, and is unpacked with the first call.
import { compileWith } from "./calls.js";
import packed from "./dist/teams_device_diagnostics.wasm";
import { unpack } from "./packed.js";

export { DiagnosticsError, getOperation, isDiagnosticsError, listDevices, listOperations, runDiagnostics, waitForOperation } from "./calls.js";

compileWith(async () => WebAssembly.compile(unpack(packed)));
