/**
 * The error class and its type guard, without the WebAssembly: for pages that load the rest of the package when they first need it.
 *
 * ```ts
 * import { isDiagnosticsError } from "teams-device-diagnostics/errors";
 *
 * button.onclick = async () => {
 *   const { runDiagnostics, waitForOperation } = await import("teams-device-diagnostics");
 *   // …
 * };
 * ```
 *
 * It is the same class as that of the other entries.
 * @module teams-device-diagnostics/errors
 */
export { DiagnosticsError, isDiagnosticsError } from "teams-device-diagnostics";
export type { DiagnosticsErrorCode } from "teams-device-diagnostics";
