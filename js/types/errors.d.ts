/**
 * The error class and its guard without the wasm, for pages that load the package when it is needed first:
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
 * The class is the one that the other entries export.
 * @module teams-device-diagnostics/errors
 */
export { DiagnosticsError, isDiagnosticsError } from "teams-device-diagnostics";
export type { DiagnosticsErrorCode } from "teams-device-diagnostics";
