/**
 * The same calls, without the WebAssembly inside: for applications that serve the `.wasm` file themselves. Browsers can then compile the
 * file while it downloads, and cache it separately from the code. Use either this entry or the main one, not both.
 *
 * ```ts
 * import { init, runDiagnostics } from "teams-device-diagnostics/init";
 * await init(fetch("/assets/teams_device_diagnostics.wasm"));
 * ```
 *
 * The file is `teams-device-diagnostics/teams_device_diagnostics.wasm`. It must be of the same version as the code.
 * @module teams-device-diagnostics/init
 */
export * from "teams-device-diagnostics";

/**
 * Loads the WebAssembly. Before `init`, every call rejects with `wasmNotLoaded`. While it loads, calls wait for it, or reject when their
 * signal is aborted. A second `init` waits for the first, or does nothing if that has succeeded. After a failure `init` may be called
 * again.
 *
 * @param source the WebAssembly: its URL, a response with it, its bytes, or the compiled module. A response with
 *   `Content-Type: application/wasm` is compiled while it arrives.
 * @throws {@link DiagnosticsError} `wasmNotLoaded` if it cannot be fetched or compiled, `wasmForbidden` if a
 *   Content-Security-Policy forbids WebAssembly, `wasmUnsupported` if the runtime has none; `hint` says what to do
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;

/** The values that {@link init} accepts. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView | CompiledWasm;

/** A `WebAssembly.Module`. It is declared here because the types of some environments lack it. */
export interface CompiledWasm {
  /** Distinguishes it from other objects. */
  readonly [Symbol.toStringTag]?: "WebAssembly.Module" | undefined;
}
