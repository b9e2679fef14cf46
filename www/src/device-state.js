// The changes of the state of the devices: the list, those that were added, the filter and the selection.

import { orderAfter, ordered } from "./device-order.js";
import { hasFailed, lastRuns } from "./device-runs.js";
import { EVERYTHING, addedDevice, labels, shown } from "./devices.js";
import { memoised } from "./memoised.js";

/** @import { Column } from "./device-order.js" */
/** @import { LastRuns } from "./device-runs.js" */
/** @import { Device, Filter, KnownDevice } from "./devices.js" */
/** @import { DiagnosticsError } from "./teams-device-diagnostics.js" */
/** @import { Run } from "./run.js" */
/** @import { SavedSelection } from "./saved-selections.js" */
/** @import { Cell } from "./state.js" */

export class DeviceState {
  #cell;
  // Every change of the state asks for these, and few changes alter them.
  #lastRuns = memoised(lastRuns);
  #ordered = memoised(ordered);
  #shown = memoised(shown);
  #chosen = memoised(chosen);
  #labels = memoised(labels);

  /** @param {Cell} cell */
  constructor(cell) {
    this.#cell = cell;
  }

  listBegun() {
    this.#cell.change({ list: { kind: "reading", read: 0 }, accessProblem: "" });
  }

  /** @param {number} read */
  listGrew(read) {
    this.#cell.change({ list: { kind: "reading", read } });
  }

  /** Devices that were added by id stay, unless the list has them. @param {Device[]} listed */
  listRead(listed) {
    const ids = new Set(listed.map(({ id }) => id));
    const added = this.#cell.state.devices.filter((device) => device.added && !ids.has(device.id));
    const devices = [...added, ...listed];
    const present = new Set(devices.map(({ id }) => id));
    this.#cell.change({
      list: { kind: "read", at: new Date() },
      devices,
      filter: EVERYTHING,
      selected: new Set([...this.#cell.state.selected].filter((id) => present.has(id))),
    });
  }

  /** @param {string} message @param {DiagnosticsError} [error] */
  listFailed(message, error) {
    this.#cell.change({ list: { kind: "failed", message, error } });
  }

  /** Adds the devices that are new, and selects all of them. @param {KnownDevice[]} known @param {string} [addNote] */
  added(known, addNote = "") {
    const named = new Map(known.map((device) => [device.id, device]));
    const present = new Set(this.#cell.state.devices.map(({ id }) => id));
    const added = [...named.values()].filter(({ id }) => !present.has(id)).map(addedDevice);
    // A file may know the name of an id that was pasted before.
    const devices = this.#cell.state.devices.map((device) => (isBareId(device) ? addedDevice(named.get(device.id) ?? device) : device));
    this.#cell.change({
      devices: [...added, ...devices],
      filter: EVERYTHING,
      addProblem: "",
      addNote,
      selected: new Set([...this.#cell.state.selected, ...known.map(({ id }) => id)]),
    });
  }

  /** @param {string} addProblem */
  notAdded(addProblem) {
    this.#cell.change({ addProblem, addNote: "" });
  }

  /** Removes devices that were added; the list would show others again. @param {string[]} [ids] by default all of them */
  addedRemoved(ids) {
    const { devices, selected } = this.#cell.state;
    const gone = new Set(devices.filter((device) => device.added && (ids === undefined || ids.includes(device.id))).map(({ id }) => id));
    this.#cell.change({
      devices: devices.filter(({ id }) => !gone.has(id)),
      selected: new Set([...selected].filter((id) => !gone.has(id))),
      addNote: "",
    });
  }

  /** @param {Partial<Filter>} filter */
  filterChanged(filter) {
    this.#cell.change({ filter: { ...this.#cell.state.filter, ...filter } });
  }

  /** @param {string} id */
  toggled(id) {
    const selected = new Set(this.#cell.state.selected);
    if (!selected.delete(id)) selected.add(id);
    this.#cell.change({ selected, current: id, anchor: id });
  }

  /**
   * Selects from one row to another.
   *
   * @param {string} id
   * @param {string} [first] by default the row that was selected last
   */
  rangeSelected(id, first = this.#cell.state.anchor ?? id) {
    const ids = this.shown().map((device) => device.id);
    const [from, to] = [ids.indexOf(first), ids.indexOf(id)].sort((a, b) => a - b);
    const range = from < 0 ? [id] : ids.slice(from, to + 1);
    this.#cell.change({ selected: new Set([...this.#cell.state.selected, ...range]), current: id });
  }

  /** @param {string} id */
  movedTo(id) {
    this.#cell.change({ current: id });
  }

  /** @param {boolean} all of those that are shown, or none of them */
  shownSelected(all) {
    const selected = new Set(this.#cell.state.selected);
    for (const { id } of this.shown())
      if (all) selected.add(id);
      else selected.delete(id);
    this.#cell.change({ selected });
  }

  /** @param {string} startProblem */
  notStarted(startProblem) {
    this.#cell.change({ startProblem });
  }

  selectionCleared() {
    this.#cell.change({ selected: new Set(), startProblem: "" });
  }

  /** Selects the devices whose last run failed, and no others. */
  failedSelected() {
    this.#cell.change({ selected: new Set(this.failed()) });
  }

  /** Sorts by a column, or the other way round. @param {Column} column */
  sorted(column) {
    this.#cell.change({ order: orderAfter(this.#cell.state.order, column) });
  }

  /** @param {SavedSelection[]} savedSelections */
  selectionsSaved(savedSelections) {
    this.#cell.change({ savedSelections });
  }

  /** The rows, in their order. */
  shown() {
    const { devices, order, filter } = this.#cell.state;
    // Runs change all the time, and mostly they move no row.
    const sortedBy = order.by === "run" ? this.lastRuns() : NO_RUNS;
    return this.#shown(this.#ordered(devices, order, sortedBy), filter, filter.run === "" ? NO_RUNS : this.lastRuns());
  }

  chosen() {
    return this.#chosen(this.#cell.state.devices, this.#cell.state.selected);
  }

  lastRuns() {
    return this.#lastRuns(this.#cell.state.runs, this.#cell.state.service.id);
  }

  /** The ids of the devices whose last run failed. */
  failed() {
    const last = this.lastRuns();
    return this.#cell.state.devices.map(({ id }) => id).filter((id) => isFailed(last.get(id)));
  }

  labels() {
    return this.#labels(this.#cell.state.devices);
  }

  /** @param {string} id of a device */
  label(id) {
    return this.labels().get(id) ?? id;
  }
}

/** @type {LastRuns} */
const NO_RUNS = new Map();

/** @param {Device[]} devices @param {ReadonlySet<string>} selected */
const chosen = (devices, selected) => (selected.size === 0 ? [] : devices.filter(({ id }) => selected.has(id)));

/** @param {Device} device */
const isBareId = ({ added, id, name }) => added && name === id;

/** @param {Run | undefined} run */
const isFailed = (run) => run !== undefined && hasFailed(run);
