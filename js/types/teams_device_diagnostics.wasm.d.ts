/**
 * The default export that a bundler gives to an import of the `.wasm` file: its URL or the compiled module. `init` accepts both.
 * @module teams-device-diagnostics/teams_device_diagnostics.wasm
 */
import type { WasmSource } from "teams-device-diagnostics/init";

/** The argument for `init`. */
declare const wasm: WasmSource;
export default wasm;
