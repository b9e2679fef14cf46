// The changes of the state of the runs, their batches, and the fleets that follow them.

/** @import { FleetEvent, PausedEvent } from "./teams-device-diagnostics.js" */
/** @import { Run } from "./run.js" */
/** @import { Batch, Cell, FleetState, State } from "./state.js" */
/** @import { PastBatch } from "./past-batches.js" */

export class RunState {
  #cell;

  /** @param {Cell} cell */
  constructor(cell) {
    this.#cell = cell;
  }

  /** @param {Batch} batch @param {Run[]} runs */
  added(batch, runs) {
    const { state } = this.#cell;
    this.#cell.change({
      runs: [...runs, ...state.runs],
      batches: [batch, ...state.batches],
      batch: state.batch === undefined ? undefined : batch.id,
      outcome: undefined,
      run: runs[0].id,
    });
  }

  /** @param {number[]} ids @param {(run: Run) => Run} becomes */
  changed(ids, becomes) {
    if (ids.length === 0) return;
    const changed = new Set(ids);
    this.#cell.change({ runs: this.#cell.state.runs.map((run) => (changed.has(run.id) ? becomes(run) : run)) });
  }

  /** Another run near a removed one is shown in its place. @param {number[]} ids */
  removed(ids) {
    const { state } = this.#cell;
    const removed = new Set(ids);
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
    return this.#cell.state.runs.find((run) => run.id === id);
  }

  /** Shows a batch of the history among the others, in its place. @param {Batch} batch @param {Run[]} runs */
  restored(batch, runs) {
    const { state } = this.#cell;
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
    this.#cell.change({ fleets: this.#cell.state.fleets.map((fleet) => (fleet.id === id ? { ...fleet, ...changes } : fleet)) });
  }

  /** @param {number} id */
  fleetEnded(id) {
    this.#cell.change({ fleets: this.#cell.state.fleets.filter((fleet) => fleet.id !== id) });
  }

  /** The fleet has access now. @param {number} id */
  fleetGoesOn(id) {
    this.#cell.change({ fleets: this.#cell.state.fleets.map((fleet) => (fleet.id === id ? { ...fleet, pausedFor: undefined } : fleet)) });
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

  /** @param {string} historyNote */
  historyNoted(historyNote) {
    this.#cell.change({ historyNote });
  }
}
