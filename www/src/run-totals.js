// Counts runs: how many have ended, how, and how long the others will take.

import { isFailure } from "./outcome.js";

/** @import { Kind } from "./outcome.js" */
/** @import { Run } from "./run.js" */
/** @import { FleetState, State } from "./state.js" */

/**
 * @typedef {object} Totals
 * @property {number} all
 * @property {number} ended
 * @property {number} succeeded
 * @property {number} failed
 * @property {number} running of those that have not ended, those that were started
 */

/** @param {Run[]} runs @returns {Totals} */
export function totals(runs) {
  const counts = { all: runs.length, ended: 0, succeeded: 0, failed: 0, running: 0 };
  for (const { outcome, stage } of runs) {
    if (outcome === undefined) counts.running += stage === "waiting" ? 0 : 1;
    else {
      counts.ended += 1;
      if (outcome.kind === "succeeded") counts.succeeded += 1;
      if (isFailure(outcome)) counts.failed += 1;
    }
  }
  return counts;
}

/** How many runs ended in each way. @param {Run[]} runs @returns {Map<Kind, number>} */
export function kinds(runs) {
  /** @type {Map<Kind, number>} */
  const counts = new Map();
  for (const { outcome } of runs) if (outcome !== undefined) counts.set(outcome.kind, (counts.get(outcome.kind) ?? 0) + 1);
  return counts;
}

/** The runs of the batch that is shown, or all. @param {State} state */
export const batchRuns = ({ runs, batch }) => (batch === undefined ? runs : runs.filter((run) => run.batch === batch));

/** Those of them that have the chosen outcome. @param {State} state */
export function shownRuns(state) {
  const { outcome } = state;
  const all = batchRuns(state);
  if (outcome === undefined) return all;
  return all.filter((run) => (run.outcome?.kind ?? "running") === outcome);
}

/** The ids of the fleets that are paused. @param {Pick<State, "fleets">} state @returns {ReadonlySet<number>} */
export const pausedFleets = ({ fleets }) => new Set(fleets.filter(({ pausedFor }) => pausedFor !== undefined).map(({ id }) => id));

/** @param {Pick<State, "fleets">} state @param {Run} run */
export const isPaused = (state, { outcome, fleet }) => outcome === undefined && fleet !== undefined && pausedFleets(state).has(fleet);

/** The time until the last of the fleets ends, if each of them knows it. @param {FleetState[]} fleets */
export function timeLeft(fleets) {
  const times = fleets.map(({ timeLeftMs }) => timeLeftMs);
  return times.length === 0 || times.includes(undefined) ? undefined : Math.max(...times.map((ms) => ms ?? 0));
}
