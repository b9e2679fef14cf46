/**
 * The same calls for those who serve the wasm themselves, to compile it while it downloads and to let it be cached apart from
 * the code: it is not in this entry. An application uses one of the two entries, not both.
 *
 * ```ts
 * import { init, runDiagnostics } from "teams-device-diagnostics/init";
 * await init(fetch("/assets/teams_device_diagnostics.wasm"));
 * ```
 *
 * The file is `teams-device-diagnostics/teams_device_diagnostics.wasm`. It belongs to the `init` of the same version.
 * @module teams-device-diagnostics/init
 */
export * from "teams-device-diagnostics";

/**
 * Loads the wasm. Before that, every call rejects with `wasmNotLoaded`; while it loads, calls wait for it, unless their signal is
 * aborted. A second `init` waits for the first or does nothing; one that failed may be called again.
 *
 * @param source where the wasm is: its address, an answer that brings it, the bytes, or the compiled module. An answer with
 *   `Content-Type: application/wasm` is compiled while it arrives.
 * @throws {@link DiagnosticsError} `wasmNotLoaded` when it cannot be fetched or compiled, `wasmForbidden` where a
 *   Content-Security-Policy forbids WebAssembly, `wasmUnsupported` where there is none; `hint` says what to do
 */
export function init(source: WasmSource | Promise<WasmSource>): Promise<void>;

/** What {@link init} takes. */
export type WasmSource = string | URL | Response | ArrayBuffer | ArrayBufferView | CompiledWasm;

/** A `WebAssembly.Module`; named here because not every environment's types have it. */
export interface CompiledWasm {
  /** Tells it from other objects. */
  readonly [Symbol.toStringTag]?: "WebAssembly.Module" | undefined;
}
