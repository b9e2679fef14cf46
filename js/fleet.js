// The entry for many devices. It contains its own wasm as text, which also performs the calls of the main entry.
import wasm from "#wasm";
import { compileWith } from "./instance.js";
import { unpack } from "./wasm-text.js";

export * from "./api.js";
export { runDiagnosticsOnDevices } from "./fleet/run.js";

compileWith(async () => WebAssembly.compile(unpack(wasm)));
