/**
 * What a bundler makes of an import of the `.wasm`: the file's address, or the compiled module. Either is for `init`.
 * @module teams-device-diagnostics/teams_device_diagnostics.wasm
 */
import type { WasmSource } from "teams-device-diagnostics/init";

/** What to give to `init`. */
declare const wasm: WasmSource;
export default wasm;
