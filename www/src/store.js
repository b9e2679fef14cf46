// The state of the page. The methods below change it, and the views are functions of it. It contains no tokens.

import { UNSORTED, orderAfter, ordered } from "./device-order.js";
import { hasFailed, lastRuns } from "./device-runs.js";
import { EVERYTHING, addedDevice, labels, shown } from "./devices.js";
import { remembered } from "./remembered.js";

/** @import { Column, Order } from "./device-order.js" */
/** @import { LastRuns } from "./device-runs.js" */
/** @import { Device, Filter, KnownDevice } from "./devices.js" */
/** @import { DiagnosticsError, FleetEvent, PausedEvent, PauseReason } from "./teams-device-diagnostics.js" */
/** @import { Kind } from "./outcome.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { Tenants } from "./simulation.js" */
/** @import { ResumableRun } from "./resumable-runs.js" */
/** @import { SavedSelection } from "./saved-selections.js" */

/**
 * The state of the device list. If reading it fails, the devices of an earlier list stay.
 *
 * @typedef {{ kind: "unread" } | { kind: "reading", read: number } | { kind: "read", at: Date }
 *   | { kind: "failed", message: string, error?: DiagnosticsError }} List
 */

/** @typedef {{ kind: "confirm", devices: Device[] } | { kind: "code" | "httpLog", run: number } | { kind: "text", text: string }} Dialog */

/** @typedef {{ key: number, text: string }} Milestone */

/** The runs that were started together. @typedef {{ id: number, at: Date, service: Service }} Batch */

/**
 * A fleet that follows runs of a batch.
 *
 * @typedef {{ id: number, batch: number, service: Service, pausedFor?: PauseReason, timeLeftMs?: number }} FleetState
 */

/** @typedef {{ kind: "out" } | { kind: "signingIn" } | { kind: "in", name: string }} SignIn */

/**
 * @typedef {object} State
 * @property {Service[]} services
 * @property {Service} service
 * @property {Tenants | undefined} tenants of the simulated Graph
 * @property {SignIn} signIn
 * @property {string} accessProblem the message beside the token field
 * @property {List} list
 * @property {Device[]} devices those that were added by id, then those of the list
 * @property {Filter} filter
 * @property {Order} order of the rows
 * @property {SavedSelection[]} savedSelections of every Graph
 * @property {ReadonlySet<string>} selected the ids of the selected devices
 * @property {string | undefined} current the id of the row at which the Tab key stops
 * @property {string | undefined} anchor the id of the row that was selected last, where a range begins
 * @property {string} addProblem the message beside the fields for ids and files
 * @property {string} addNote what was taken from the last text or file, and what was ignored
 * @property {Run[]} runs newest first; runs that were started together are in their order
 * @property {Batch[]} batches newest first
 * @property {FleetState[]} fleets those that follow runs
 * @property {number | undefined} batch the id of the batch that is shown; all of them if undefined
 * @property {Kind | "running" | undefined} outcome the outcome of the runs that are shown; all of them if undefined
 * @property {number | undefined} run the id of the run whose details are shown
 * @property {boolean} isRunOpen whether its details are open where there is no room beside the table
 * @property {boolean} isNarrow whether there is no such room
 * @property {ResumableRun[]} resumableRuns runs from before a reload that wait for a token
 * @property {Dialog | undefined} dialog
 * @property {string | undefined} copied the id of the text that was last copied
 * @property {Milestone[]} milestones messages for screen readers
 */

/** Nobody would listen to more messages at a time. */
const MOST_MILESTONES = 5;

export class Store {
  /** @type {State} */
  #state;
  /** @type {((state: State) => void)[]} */
  #views = [];
  #isScheduled = false;
  #milestones = 0;
  // Every change of the state asks for these, and few changes alter them.
  #lastRuns = remembered(lastRuns);
  #ordered = remembered(ordered);
  #shown = remembered(shown);
  #chosen = remembered(chosen);
  #labels = remembered(labels);

  /** @param {Service[]} services @param {Service} service */
  constructor(services, service) {
    this.#state = {
      services,
      service,
      tenants: undefined,
      signIn: { kind: "out" },
      accessProblem: "",
      ...NO_DEVICES,
      savedSelections: [],
      runs: [],
      batches: [],
      fleets: [],
      batch: undefined,
      outcome: undefined,
      run: undefined,
      isRunOpen: false,
      isNarrow: false,
      resumableRuns: [],
      dialog: undefined,
      copied: undefined,
      milestones: [],
    };
  }

  get state() {
    return this.#state;
  }

  /** @param {(state: State) => void} view */
  show(view) {
    this.#views.push(view);
    view(this.#state);
  }

  // Service and access

  /** Clears the devices too, because another Graph has others. @param {Service} service @param {SignIn} signIn */
  serviceChosen(service, signIn) {
    this.#change({ service, ...NO_DEVICES, signIn, accessProblem: "" });
  }

  /** @param {Tenants} tenants */
  tenantsRead(tenants) {
    this.#change({ tenants });
  }

  /** @param {string} tenant */
  tenantEntered(tenant) {
    const { tenants } = this.#state;
    this.#change({ ...NO_DEVICES, tenants: tenants && { ...tenants, tenant } });
  }

  /** @param {SignIn} signIn */
  signInChanged(signIn) {
    this.#change({ signIn, accessProblem: "" });
  }

  /** @param {string} accessProblem */
  accessRefused(accessProblem) {
    this.#change({ accessProblem });
  }

  // Devices

  listBegun() {
    this.#change({ list: { kind: "reading", read: 0 }, accessProblem: "" });
  }

  /** @param {number} read */
  listGrew(read) {
    this.#change({ list: { kind: "reading", read } });
  }

  /** Devices that were added by id stay, unless the list has them. @param {Device[]} listed */
  listRead(listed) {
    const ids = new Set(listed.map(({ id }) => id));
    const added = this.#state.devices.filter((device) => device.added && !ids.has(device.id));
    const devices = [...added, ...listed];
    const present = new Set(devices.map(({ id }) => id));
    this.#change({
      list: { kind: "read", at: new Date() },
      devices,
      filter: EVERYTHING,
      selected: new Set([...this.#state.selected].filter((id) => present.has(id))),
    });
  }

  /** @param {string} message @param {DiagnosticsError} [error] */
  listFailed(message, error) {
    this.#change({ list: { kind: "failed", message, error } });
  }

  /** Adds the devices that are new, and selects all of them. @param {KnownDevice[]} known @param {string} [addNote] */
  devicesAdded(known, addNote = "") {
    const named = new Map(known.map((device) => [device.id, device]));
    const present = new Set(this.#state.devices.map(({ id }) => id));
    const added = [...named.values()].filter(({ id }) => !present.has(id)).map(addedDevice);
    // A file may know the name of an id that was pasted before.
    const devices = this.#state.devices.map((device) => (isBareId(device) ? addedDevice(named.get(device.id) ?? device) : device));
    this.#change({
      devices: [...added, ...devices],
      filter: EVERYTHING,
      addProblem: "",
      addNote,
      selected: new Set([...this.#state.selected, ...known.map(({ id }) => id)]),
    });
  }

  /** @param {string} addProblem */
  devicesNotAdded(addProblem) {
    this.#change({ addProblem, addNote: "" });
  }

  /** Removes devices that were added; the list would show others again. @param {string[]} [ids] by default all of them */
  addedRemoved(ids) {
    const { devices, selected } = this.#state;
    const gone = new Set(devices.filter((device) => device.added && (ids === undefined || ids.includes(device.id))).map(({ id }) => id));
    this.#change({
      devices: devices.filter(({ id }) => !gone.has(id)),
      selected: new Set([...selected].filter((id) => !gone.has(id))),
      addNote: "",
    });
  }

  /** @param {Partial<Filter>} filter */
  filterChanged(filter) {
    this.#change({ filter: { ...this.#state.filter, ...filter } });
  }

  /** @param {string} id */
  toggled(id) {
    const selected = new Set(this.#state.selected);
    if (!selected.delete(id)) selected.add(id);
    this.#change({ selected, current: id, anchor: id });
  }

  /**
   * Selects from one row to another.
   *
   * @param {string} id
   * @param {string} [first] by default the row that was selected last
   */
  rangeSelected(id, first = this.#state.anchor ?? id) {
    const ids = this.shown().map((device) => device.id);
    const [from, to] = [ids.indexOf(first), ids.indexOf(id)].sort((a, b) => a - b);
    const range = from < 0 ? [id] : ids.slice(from, to + 1);
    this.#change({ selected: new Set([...this.#state.selected, ...range]), current: id });
  }

  /** @param {string} id */
  movedTo(id) {
    this.#change({ current: id });
  }

  /** @param {boolean} all of those that are shown, or none of them */
  shownSelected(all) {
    const selected = new Set(this.#state.selected);
    for (const { id } of this.shown())
      if (all) selected.add(id);
      else selected.delete(id);
    this.#change({ selected });
  }

  selectionCleared() {
    this.#change({ selected: new Set() });
  }

  /** Selects the devices whose last run failed, and no others. */
  failedSelected() {
    this.#change({ selected: new Set(this.failed()) });
  }

  /** Sorts by a column, or the other way round. @param {Column} column */
  sorted(column) {
    this.#change({ order: orderAfter(this.#state.order, column) });
  }

  /** @param {SavedSelection[]} savedSelections */
  selectionsSaved(savedSelections) {
    this.#change({ savedSelections });
  }

  /** The rows, in their order. */
  shown() {
    const { devices, order, filter } = this.#state;
    // Runs change all the time, and mostly they move no row.
    const sortedBy = order.by === "run" ? this.lastRuns() : NO_RUNS;
    return this.#shown(this.#ordered(devices, order, sortedBy), filter, filter.run === "" ? NO_RUNS : this.lastRuns());
  }

  chosen() {
    return this.#chosen(this.#state.devices, this.#state.selected);
  }

  lastRuns() {
    return this.#lastRuns(this.#state.runs, this.#state.service.id);
  }

  /** The ids of the devices whose last run failed. */
  failed() {
    const last = this.lastRuns();
    return this.#state.devices.map(({ id }) => id).filter((id) => isFailed(last.get(id)));
  }

  labels() {
    return this.#labels(this.#state.devices);
  }

  /** @param {string} id of a device */
  label(id) {
    return this.labels().get(id) ?? id;
  }

  // Runs

  /** @param {Batch} batch @param {Run[]} runs */
  runsAdded(batch, runs) {
    const { state } = this;
    this.#change({
      runs: [...runs, ...state.runs],
      batches: [batch, ...state.batches],
      batch: state.batch === undefined ? undefined : batch.id,
      outcome: undefined,
      run: runs[0].id,
    });
  }

  /** @param {number[]} ids @param {(run: Run) => Run} becomes */
  runsChanged(ids, becomes) {
    if (ids.length === 0) return;
    const changed = new Set(ids);
    this.#change({ runs: this.#state.runs.map((run) => (changed.has(run.id) ? becomes(run) : run)) });
  }

  /** Another run near a removed one is shown in its place. @param {number[]} ids */
  runsRemoved(ids) {
    const { state } = this;
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
    this.#change({
      runs,
      batches: state.batches.filter(({ id }) => left.has(id)),
      batch: state.batch !== undefined && left.has(state.batch) ? state.batch : undefined,
      run: state.run !== undefined && removed.has(state.run) ? runs[at]?.id : state.run,
    });
  }

  /** @param {number} id */
  run(id) {
    return this.#state.runs.find((run) => run.id === id);
  }

  /** @param {FleetState} fleet @param {number[]} ids of the runs that it follows */
  fleetBegun(fleet, ids) {
    this.#change({ fleets: [...this.#state.fleets, fleet] });
    this.runsChanged(ids, (run) => ({ ...run, fleet: fleet.id }));
  }

  /** @param {number} id @param {FleetEvent | PausedEvent} event */
  fleetChanged(id, event) {
    const changes = event.type === "paused" ? { pausedFor: event.reason } : { pausedFor: event.pausedFor, timeLeftMs: event.timeLeftMs };
    this.#change({ fleets: this.#state.fleets.map((fleet) => (fleet.id === id ? { ...fleet, ...changes } : fleet)) });
  }

  /** @param {number} id */
  fleetEnded(id) {
    this.#change({ fleets: this.#state.fleets.filter((fleet) => fleet.id !== id) });
  }

  /** @param {number} id */
  fleet(id) {
    return this.#state.fleets.find((fleet) => fleet.id === id);
  }

  /** @param {number} run the id of the run whose details are shown */
  runChosen(run) {
    this.#change({ run });
  }

  /** @param {boolean} isRunOpen */
  runOpened(isRunOpen) {
    this.#change({ isRunOpen });
  }

  /** @param {boolean} isNarrow */
  widthChanged(isNarrow) {
    this.#change({ isNarrow, isRunOpen: false });
  }

  /** @param {Partial<Pick<State, "batch" | "outcome">>} filter */
  runsFiltered(filter) {
    this.#change(filter);
  }

  /** @param {ResumableRun[]} resumableRuns */
  resumableRunsFound(resumableRuns) {
    this.#change({ resumableRuns });
  }

  // Dialogs and announcements

  /** @param {Dialog | undefined} dialog */
  dialogChanged(dialog) {
    this.#change({ dialog });
  }

  /** @param {string | undefined} copied */
  copiedChanged(copied) {
    this.#change({ copied });
  }

  /** @param {string} text */
  announced(text) {
    this.#milestones += 1;
    this.#change({ milestones: [...this.#state.milestones, { key: this.#milestones, text }].slice(-MOST_MILESTONES) });
  }

  /** Changes the state. The views are updated once for all changes of a task. @param {Partial<State>} changes */
  #change(changes) {
    this.#state = { ...this.#state, ...changes };
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      for (const view of this.#views) view(this.#state);
    });
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

/** @type {Pick<State, "list" | "devices" | "filter" | "order" | "selected" | "current" | "anchor" | "addProblem" | "addNote">} */
const NO_DEVICES = {
  list: { kind: "unread" },
  devices: [],
  filter: EVERYTHING,
  order: UNSORTED,
  selected: new Set(),
  current: undefined,
  anchor: undefined,
  addProblem: "",
  addNote: "",
};
