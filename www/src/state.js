// The state of the page, as one value. It contains no tokens.

import { UNSORTED } from "./device-order.js";
import { EVERYTHING } from "./devices.js";

/** @import { Order } from "./device-order.js" */
/** @import { Application, KnownApplications } from "./applications.js" */
/** @import { Device, Filter } from "./devices.js" */
/** @import { NotificationState } from "./end-notification.js" */
/** @import { DiagnosticsError, PauseReason } from "./teams-device-diagnostics.js" */
/** @import { Kind } from "./outcome.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { Tenants } from "./simulation.js" */
/** @import { PastBatch } from "./past-batches.js" */
/** @import { SavedSelection } from "./saved-selections.js" */

/**
 * The state of the device list. If reading it fails, the devices of an earlier list stay.
 *
 * @typedef {{ kind: "unread" } | { kind: "reading", read: number } | { kind: "read", at: Date }
 *   | { kind: "failed", message: string, error?: DiagnosticsError }} List
 */

/** The code or the HTTP exchange of a run. @typedef {{ kind: "code" | "httpLog", run: number }} RunDialog */

/** @typedef {{ kind: "confirm", devices: Device[] } | RunDialog | { kind: "text", text: string }} Dialog */

/** @typedef {{ key: number, text: string }} Milestone */

/** The runs that were started together. `owner` is the account of which they are. @typedef {{ id: string, at: Date, service: Service, owner: string }} Batch */

/**
 * A fleet that follows runs of a batch. After a reload it waits for access: it is `signedOut`.
 *
 * @typedef {{ id: number, batch: string, service: Service, pausedFor?: PauseReason | "signedOut", timeLeftMs?: number }} FleetState
 */

/** `token` is a pasted one with which the list was read. @typedef {{ kind: "out" } | { kind: "token" } | { kind: "in", name: string }} SignIn */

/** The fields for an application: which of them is wrong, and why. @typedef {{ field?: keyof Application, problem?: string }} Asking */

/**
 * @typedef {object} State
 * @property {Service[]} services
 * @property {Service} service
 * @property {Tenants | undefined} tenants of the simulated Graph
 * @property {SignIn} signIn
 * @property {boolean} isSigningIn whether Microsoft's window has been opened
 * @property {boolean} isAccessOpen whether everything about access is shown, although there is access
 * @property {KnownApplications} applications with which people sign in
 * @property {Asking | undefined} asking the fields for another application, if they are shown
 * @property {string} accessProblem the message beside the button that signs in
 * @property {List} list
 * @property {Device[]} devices those that were added by id, then those of the list
 * @property {Filter} filter
 * @property {Order} order of the rows
 * @property {SavedSelection[]} savedSelections of every Graph
 * @property {ReadonlySet<string>} selected the ids of the selected devices
 * @property {string | undefined} current the id of the row at which the Tab key stops
 * @property {string | undefined} anchor the id of the row that was selected last, where a range begins
 * @property {string} startProblem why nothing was started
 * @property {string} addProblem the message beside the fields for ids and files
 * @property {string} addNote what was taken from the last text or file, and what was ignored
 * @property {Run[]} runs newest first; runs that were started together are in their order
 * @property {Batch[]} batches newest first
 * @property {FleetState[]} fleets those that follow runs
 * @property {string | undefined} batch the id of the batch that is shown; all of them if undefined
 * @property {Kind | "running" | undefined} outcome the outcome of the runs that are shown; all of them if undefined
 * @property {number | undefined} run the id of the run whose details are shown
 * @property {boolean} isRunOpen whether its details are open where there is no room beside the table
 * @property {boolean} isNarrow whether there is no such room
 * @property {PastBatch[]} history the kept batches of the account, newest first
 * @property {string} historyNote the message beside it
 * @property {boolean} isHistoryLost whether nothing more can be kept
 * @property {string} runsProblem why the part about runs is missing
 * @property {NotificationState} notification whether the end of all runs is notified
 * @property {Dialog | undefined} dialog
 * @property {string | undefined} copied the id of the text that was last copied
 * @property {Milestone[]} milestones messages for screen readers
 */

/** Computes a change when the state is next read. @typedef {(state: State) => Partial<State>} LaterChange */

/**
 * What holds the state: the parts of the store read and change it.
 *
 * @typedef {object} Cell
 * @property {State} state
 * @property {(changes: Partial<State>) => void} change what somebody waits to see
 * @property {(later: LaterChange) => void} changeSoon what comes by itself, perhaps a thousand times at once
 */

/** The part of the state that belongs to one Graph, or one tenant of it. @type {Pick<State, "list" | "devices" | "filter" | "order" | "selected" | "current" | "anchor" | "startProblem" | "addProblem" | "addNote">} */
export const NO_DEVICES = {
  list: { kind: "unread" },
  devices: [],
  filter: EVERYTHING,
  order: UNSORTED,
  selected: new Set(),
  current: undefined,
  anchor: undefined,
  startProblem: "",
  addProblem: "",
  addNote: "",
};

/**
 * @param {Service[]} services
 * @param {Service} service
 * @returns {State}
 */
export const firstState = (services, service) => ({
  services,
  service,
  tenants: undefined,
  signIn: { kind: "out" },
  isSigningIn: false,
  isAccessOpen: false,
  applications: {},
  asking: undefined,
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
  history: [],
  historyNote: "",
  isHistoryLost: false,
  runsProblem: "",
  notification: "missing",
  dialog: undefined,
  copied: undefined,
  milestones: [],
});
