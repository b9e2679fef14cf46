// How a run ended, in the few kinds that a person can distinguish and act on.

import { NotDownloaded } from "./download.js";
import { isDiagnosticsError } from "./errors.js";

/** @import { DiagnosticsError, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */

/**
 * How a run ended.
 *
 * @typedef {object} Outcome
 * @property {keyof typeof KINDS} kind
 * @property {DiagnosticsError} [error]
 * @property {string} [message] if the error is not of the package
 * @property {string} [location] if the page can go on waiting
 * @property {TeamworkDeviceOperation} [operation]
 */

const KINDS = {
  succeeded: { title: "Diagnostics succeeded", short: "Succeeded", icon: "successful", tone: "good" },
  failed: { title: "Diagnostics failed", short: "Failed", icon: "failed", tone: "bad" },
  cancelled: { title: "Diagnostics were cancelled", short: "Cancelled", icon: "cancelled", tone: "warn" },
  notStarted: { title: "Diagnostics were not started", short: "Not started", icon: "failed", tone: "bad" },
  conflict: { title: "An operation is already queued", short: "Already queued", icon: "queued", tone: "warn" },
  unknown: { title: "The outcome is not known", short: "Not known", icon: "unknown", tone: "warn" },
  stopped: { title: "You stopped waiting", short: "Stopped waiting", icon: "stopped", tone: "quiet" },
  // For example because the browser forbids WebAssembly.
  broken: { title: "This page does not work here", short: "Broken", icon: "failed", tone: "bad" },
};

/** @param {Outcome} outcome */
export const outcomeKind = ({ kind }) => KINDS[kind];

/** @param {Outcome} outcome */
export const outcomeTitle = ({ kind }) => KINDS[kind].title;

/** Whether the operation has ended. @param {Outcome} outcome */
export const isFinal = ({ kind }) => ["succeeded", "failed", "cancelled"].includes(kind);

/**
 * The outcome that an error means.
 *
 * @param {unknown} error
 * @param {{ signal: AbortSignal, sent: boolean, location: string | undefined }} run `sent`: whether anything was sent
 * @returns {Outcome}
 */
export function outcomeOf(error, { signal, sent, location }) {
  if (signal.aborted && error === signal.reason) {
    return sent ? { kind: "stopped", location } : { kind: "notStarted", message: "Stopped before anything was sent." };
  }
  if (error instanceof NotDownloaded) return { kind: location === undefined ? "notStarted" : "unknown", message: error.message, location };
  if (!isDiagnosticsError(error)) return { kind: "broken", message: String(error), location };
  const { code, operation } = error;
  if (code.startsWith("wasm")) return { kind: "broken", message: `${error.message}. ${error.hint}`, location };
  if (code === "operationFailed") return { kind: "failed", error, operation };
  if (code === "operationCancelled") return { kind: "cancelled", error, operation };
  if (code === "conflict") return { kind: "conflict", error, location: error.location };
  // A refused location cannot be waited for.
  const known = location ?? (code === "untrustedLocation" ? undefined : error.location);
  return { kind: known === undefined && !error.mayHaveStarted ? "notStarted" : "unknown", error, location: known };
}
