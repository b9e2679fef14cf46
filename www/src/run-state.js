// The changes of the state of the runs, their batches, and the fleets that follow them.

/** @import { FleetEvent, PausedEvent } from "./teams-device-diagnostics.js" */
/** @import { Run } from "./run.js" */
/** @import { Batch, Cell, FleetState, State } from "./state.js" */
/** @import { PastBatch } from "./past-batches.js" */

export class RunState {
  #cell;
  /** The runs as they are now, by id. @type {Map<number, Run>} */
  #runs = new Map();
  /** Puts the runs as they are now into the state. */
  #current = (/** @type {State} */ { runs }) => ({ runs: runs.map((run) => this.#runs.get(run.id) ?? run) });

  /** @param {Cell} cell */
  constructor(cell) {
    this.#cell = cell;
  }

  /** @param {Batch} batch @param {Run[]} runs */
  added(batch, runs) {
    const { state } = this.#cell;
    for (const run of runs) this.#runs.set(run.id, run);
    this.#cell.change({
      runs: [...runs, ...state.runs],
      batches: [batch, ...state.batches],
      batch: state.batch === undefined ? undefined : batch.id,
      outcome: undefined,
      run: runs[0].id,
    });
  }

  /** Changes runs for somebody who waits to see it. @param {number[]} ids @param {(run: Run) => Run} becomes */
  changed(ids, becomes) {
    if (ids.length === 0) return;
    for (const id of ids) this.#become(id, becomes);
    this.#cell.change(this.#current(this.#cell.state));
  }

  /** Changes a run by what its fleet tells. @param {number} id @param {(run: Run) => Run} becomes */
  progressed(id, becomes) {
    this.#become(id, becomes);
    // A copy of all runs for each of a thousand results would take seconds.
    this.#cell.changeSoon(this.#current);
  }

  /** @param {number} id @param {(run: Run) => Run} becomes */
  #become(id, becomes) {
    const run = this.#runs.get(id);
    if (run !== undefined) this.#runs.set(id, becomes(run));
  }

  /** Another run near a removed one is shown in its place. @param {number[]} ids */
  removed(ids) {
    const { state } = this.#cell;
    const removed = new Set(ids);
    for (const id of ids) this.#runs.delete(id);
    const runs = state.runs.filter(({ id }) => !removed.has(id));
    const left = new Set(runs.map(({ batch }) => batch));
    const at =
      runs.length === 0
        ? -1
        : Math.min(
            runs.length - 1,
            Math.max(
              0,
              state.runs.findIndex(({ id }) => id === state.run),
            ),
          );
    this.#cell.change({
      runs,
      batches: state.batches.filter(({ id }) => left.has(id)),
      batch: state.batch !== undefined && left.has(state.batch) ? state.batch : undefined,
      run: state.run !== undefined && removed.has(state.run) ? runs[at]?.id : state.run,
    });
  }

  /** @param {number} id */
  run(id) {
    return this.#runs.get(id);
  }

  /** Shows a batch of the history among the others, in its place. @param {Batch} batch @param {Run[]} runs */
  restored(batch, runs) {
    const { state } = this.#cell;
    for (const run of runs) this.#runs.set(run.id, run);
    const batches = [...state.batches.filter(({ id }) => id !== batch.id), batch].sort((a, b) => b.at.valueOf() - a.at.valueOf());
    const ofBatch = [...state.runs.filter((run) => run.batch === batch.id), ...runs].sort((a, b) => a.place - b.place);
    this.#cell.change({
      batches,
      runs: batches.flatMap(({ id }) => (id === batch.id ? ofBatch : state.runs.filter((run) => run.batch === id))),
      run: state.run ?? runs[0]?.id,
    });
  }

  /** @param {string} id */
  batch(id) {
    return this.#cell.state.batches.find((batch) => batch.id === id);
  }

  /** @param {FleetState} fleet @param {number[]} ids of the runs that it follows */
  fleetBegun(fleet, ids) {
    this.#cell.change({ fleets: [...this.#cell.state.fleets, fleet] });
    this.changed(ids, (run) => ({ ...run, fleet: fleet.id }));
  }

  /** @param {number} id @param {FleetEvent | PausedEvent} event */
  fleetChanged(id, event) {
    const changes = event.type === "paused" ? { pausedFor: event.reason } : { pausedFor: event.pausedFor, timeLeftMs: event.timeLeftMs };
    this.#cell.changeSoon(({ fleets }) => ({ fleets: fleets.map((fleet) => (fleet.id === id ? { ...fleet, ...changes } : fleet)) }));
  }

  /** @param {number} id */
  fleetEnded(id) {
    this.#cell.change({ fleets: this.#cell.state.fleets.filter((fleet) => fleet.id !== id) });
  }

  /** @param {number} id @param {FleetState["pausedFor"]} pausedFor */
  fleetPaused(id, pausedFor) {
    this.#cell.change({ fleets: this.#cell.state.fleets.map((fleet) => (fleet.id === id ? { ...fleet, pausedFor } : fleet)) });
  }

  /** @param {number} id */
  fleet(id) {
    return this.#cell.state.fleets.find((fleet) => fleet.id === id);
  }

  /** @param {number} run the id of the run whose details are shown */
  chosen(run) {
    this.#cell.change({ run });
  }

  /** @param {boolean} isRunOpen */
  opened(isRunOpen) {
    this.#cell.change({ isRunOpen });
  }

  /** @param {boolean} isNarrow */
  widthChanged(isNarrow) {
    this.#cell.change({ isNarrow, isRunOpen: false });
  }

  /** @param {Partial<Pick<State, "batch" | "outcome">>} filter */
  filtered(filter) {
    this.#cell.change({ ...filter, historyNote: "" });
  }

  /** @param {PastBatch[]} history */
  historyRead(history) {
    this.#cell.change({ history });
  }

  historyLost() {
    this.#cell.change({ isHistoryLost: true });
  }

  /** @param {string} runsProblem */
  partMissing(runsProblem) {
    this.#cell.change({ runsProblem });
  }

  /** @param {string} historyNote */
  historyNoted(historyNote) {
    this.#cell.change({ historyNote });
  }
}
