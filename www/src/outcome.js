// How a run ended, in the few kinds that a person can distinguish and act on.

import { OUTCOMES } from "./messages.js";

/** @import { DiagnosticsError, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */

/** @typedef {keyof typeof OUTCOMES} Kind */

/**
 * How a run ended.
 *
 * @typedef {object} Outcome
 * @property {Kind} kind
 * @property {DiagnosticsError} [error]
 * @property {string} [message] if the error is not of the package
 * @property {string} [note] what a search for the run has found
 * @property {string} [location] if the run can be followed
 * @property {TeamworkDeviceOperation} [operation]
 */

/** The kinds that people want to see first. @type {ReadonlySet<Kind>} */
const FAILURES = new Set(["failed", "notStarted", "broken", "lost", "gone"]);

/** @param {Outcome} outcome */
export const outcomeKind = ({ kind }) => OUTCOMES[kind];

/** @param {Outcome} outcome */
export const outcomeTitle = ({ kind }) => OUTCOMES[kind].title;

/** @param {Outcome} outcome */
export const isFailure = ({ kind }) => FAILURES.has(kind);

/** Whether it is sensible to start the device once more. @param {Outcome} outcome */
export const isWorthAgain = ({ kind }) => ["failed", "cancelled", "notStarted", "left", "broken", "gone"].includes(kind);
