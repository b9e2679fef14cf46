// The entry without the wasm has the same class and guard as the other entries.
import { DiagnosticsError, isDiagnosticsError, type DiagnosticsErrorCode } from "teams-device-diagnostics/errors";
import * as main from "teams-device-diagnostics";

export function codeOf(error: unknown): DiagnosticsErrorCode | undefined {
  return isDiagnosticsError(error) ? (error satisfies main.DiagnosticsError).code : undefined;
}

export const one: typeof main.DiagnosticsError = DiagnosticsError;

// @ts-expect-error the calls are in the other entries
import { runDiagnostics } from "teams-device-diagnostics/errors";
