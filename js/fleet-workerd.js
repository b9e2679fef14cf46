// The entry for many devices for Cloudflare's workerd; see workerd.js.
import wasm from "#wasm";
import { compileWith } from "./instance.js";

export * from "./api.js";
export { runDiagnosticsOnDevices } from "./fleet/run.js";

compileWith(async () => wasm);
