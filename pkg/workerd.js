// The entry for Cloudflare's workerd, which compiles no wasm at run time: the module is compiled when a worker is deployed.
import module from "./dist/teams_device_diagnostics.wasm";
import { compileWith } from "./calls.js";

export { DiagnosticsError, getOperation, isDiagnosticsError, listDevices, listOperations, runDiagnostics, waitForOperation } from "./calls.js";

compileWith(async () => module);
