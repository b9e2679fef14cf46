// Decides how a run has ended, from what the package says of it.

import { NotDownloaded } from "./download.js";
import { isDiagnosticsError } from "./errors.js";

/** @import { DeviceOutcome, DeviceResult, DiagnosticsError } from "./teams-device-diagnostics.js" */
/** @import { Kind, Outcome } from "./outcome.js" */
/** @import { Run } from "./run.js" */

/** The order of the kinds, failures first. */
export const KINDS = /** @type {Kind[]} */ ([
  "failed",
  "notStarted",
  "left",
  "broken",
  "lost",
  "gone",
  "cancelled",
  "conflict",
  "stillQueued",
  "unfollowed",
  "stopped",
  "takenBack",
  "succeeded",
]);

/** Whether a run with this outcome can be followed further: its operation is known. @param {Outcome} outcome */
export const canGoOn = ({ kind, location }) =>
  kind === "unfollowed" || (location !== undefined && ["stopped", "stillQueued", "conflict"].includes(kind));

/** The kinds that the outcomes of the package mean, if nothing else is known. @type {Record<DeviceOutcome, Kind>} */
const OF_RESULTS = {
  successful: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
  stillRunning: "unfollowed",
  refused: "notStarted",
  conflict: "conflict",
  lost: "lost",
  notStarted: "takenBack",
  aborted: "stopped",
};

/** The outcome that a result of a fleet means. @param {DeviceResult} result @param {Run} run @returns {Outcome} */
export function outcomeOf({ outcome, error, location, operation }, run) {
  const known = { error, location: location ?? error?.location, operation: operation ?? error?.operation };
  if (error?.code.startsWith("wasm")) return { ...known, kind: "broken" };
  return { ...known, kind: kindOf(outcome, error, known.location, run) };
}

/** @param {DeviceOutcome} outcome @param {DiagnosticsError | undefined} error @param {string | undefined} location @param {Run} run */
function kindOf(outcome, error, location, { stage }) {
  if (outcome === "stillRunning" && error?.code === "operationTimeout" && stage === "queued") return "stillQueued";
  if (outcome === "lost" && location !== undefined && error?.code === "notFound") return "gone";
  if (outcome === "notStarted" && error !== undefined) return "notStarted";
  return OF_RESULTS[outcome];
}

/** The outcome of a run whose fleet has failed, or was stopped before it began. @param {unknown} error @param {Run} run @returns {Outcome} */
export function outcomeOfFailure(error, { record }) {
  const location = record?.location;
  const kind = record === undefined || record.state === "ended" ? undefined : "unfollowed";
  if (error === undefined) return { kind: kind === undefined ? "takenBack" : "stopped", location };
  if (error instanceof NotDownloaded) return { kind: kind ?? "notStarted", message: error.message, location };
  if (!isDiagnosticsError(error)) return { kind: "broken", message: String(error), location };
  if (error.code.startsWith("wasm")) return { kind: "broken", error, location };
  return { kind: kind ?? "notStarted", error, location };
}
