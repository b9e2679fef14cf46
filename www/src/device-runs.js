// The last run of each device, in the few words by which the list is sorted and narrowed.

import { running } from "./messages.js";
import { isFailure, isWorthAgain, outcomeKind } from "./outcome.js";

/** @import { Run } from "./run.js" */

/** @typedef {ReadonlyMap<string, Run>} LastRuns by the id of the device */

const RUNNING = { title: running, short: running, icon: "inProgress", tone: "accent" };

/**
 * The newest run of each device of one Graph.
 *
 * @param {Run[]} runs newest first
 * @param {string} service the id of the Graph
 * @returns {LastRuns}
 */
export function lastRuns(runs, service) {
  /** @type {Map<string, Run>} */
  const last = new Map();
  for (const run of runs) if (run.service.id === service && !last.has(run.deviceId)) last.set(run.deviceId, run);
  return last;
}

/** What a run has come to, in one word. @param {Run} run */
export const runKind = ({ outcome }) => (outcome === undefined ? RUNNING : outcomeKind(outcome));

/** Whether a run failed, or was not even started, and may be started again. @param {Run} run */
export const hasFailed = ({ outcome }) => outcome !== undefined && isFailure(outcome) && isWorthAgain(outcome);
