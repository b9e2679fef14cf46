// Every text about the devices for people, in English: the list, its filters, the table, adding, saved selections, files, and the start of
// runs on them. A translation replaces this file. Each text is an export, because a bundler shortens the names of exports.

import { devices, formatted, isOne, plural } from "./messages.js";

/** The name of the table, of its fields and of its buttons. */
export const section = "Devices";

// The buttons above the table.

export const runNone = "Run diagnostics";
export const run = (/** @type {number} */ number) => `Run diagnostics on ${devices(number)}`;
export const list = "List devices";
export const selectFailed = "Select failed";

// In place of the list, and about it.

export const about =
  "This is what Graph last knew: health and activity can be ten minutes old or older. Last seen is when Graph's record last changed.";
export const noneYet = "No devices yet";
export const empty = {
  title: "The list is empty",
  text: "This tenant has no Teams devices, or none that this account may see. If you know the id of a device, you can still run diagnostics on it: add it below.",
};
export const readingName = "Reading the list";
export const reading = (/** @type {number} */ number) => `Reading the list of devices…${number > 0 ? ` ${formatted(number)} so far` : ""}`;
export const notPermitted = "Listing is not permitted";
export const notListed = "The devices could not be listed";
export const optional = "The list is optional: paste device ids below, or drop the CSV export of the Teams admin center.";
export const requestId = "request-id";
export const saidEmpty = "The list is empty.";
export const saidListed = (/** @type {number} */ number) => `${devices(number)} listed.`;
export const saidNotListed = "The devices could not be listed.";

// Above the table.

export const shown = (/** @type {number} */ number, /** @type {number} */ all) =>
  number === all ? devices(all) : `${formatted(number)} of ${devices(all)}`;
export const selected = (/** @type {number} */ number, /** @type {number} */ hidden) =>
  `${formatted(number)} selected${hidden > 0 ? `, ${formatted(hidden)} of them not shown` : ""}`;
export const listedAt = (/** @type {string} */ time) => `Listed at ${time}`;
export const noMatch = "No device matches";
export const showAll = "Show all devices";

// The filters.

export const search = "Search devices";
export const allTypes = "All types";
export const anyHealth = "Any health";
export const anyRun = "Any last run";
export const noRun = "No run yet";

// The table.

export const columns = { device: "Device", type: "Type", health: "Health", seen: "Last seen", run: "Last run" };
export const selectShown = "Select all shown";
export const remove = "Remove";
export const removeOf = (/** @type {string} */ name) => `Remove ${name}`;

/** What Graph calls the types, in lower case. */
export const TYPES = {
  ipphone: "Phone",
  lowcostphone: "Low-cost phone",
  teamsroom: "Teams Room",
  surfacehub: "Surface Hub",
  collaborationbar: "Collaboration bar",
  teamsdisplay: "Display",
  touchconsole: "Touch console",
  teamspanel: "Panel",
  sip: "SIP device",
  sipanalog: "Analog SIP device",
};

export const HEALTH = {
  healthy: { title: "Healthy", icon: "successful", tone: "good" },
  nonurgent: { title: "Non-urgent", icon: "notice", tone: "notice" },
  critical: { title: "Critical", icon: "warning", tone: "bad" },
  offline: { title: "Offline", icon: "offline", tone: "warn" },
};

export const ACTIVITY = { busy: "Busy", idle: "Idle", unavailable: "Unavailable" };

export const unknown = "Unknown";

// How long ago a time was.

export const justNow = "just now";
export const minutesAgo = (/** @type {number} */ number) => `${formatted(number)} min ago`;
export const hoursAgo = (/** @type {number} */ number) => `${formatted(number)} h ago`;
export const daysAgo = (/** @type {number} */ number) => `${plural(number, { one: "day", other: "days" })} ago`;

// Adding devices.

export const addTitle = "Add by id";
export const ids = "Device ids";
export const idsAbout = "One or many, separated by spaces, commas or lines; or addresses of devices in the admin center.";
export const add = "Add ids";
export const file = "CSV export of the Teams admin center";
export const fileAbout =
  "Drop files here, or choose them: ids, names, models and users are read. Reports of this page can be read too. The files stay on this computer.";
export const removeAdded = (/** @type {number} */ number) => `Remove ${plural(number, { one: "added device", other: "added devices" })}`;
export const added = (/** @type {number} */ number) => `${devices(number)} added and selected.`;
export const noIdInText = "There is no device id in this text.";
export const noIdInFile = 'The column "Device Id" of this file is empty.';
export const isToken = "This looks like an access token, not a device id. Paste it only into the field Access token.";
export const quoted = (/** @type {string} */ text) => `“${text}”`;
export const ignored = (/** @type {string} */ named, /** @type {number} */ rest) =>
  `Ignored, because it is no device id: ${named}${rest > 0 ? ` and ${plural(rest, { one: "other", other: "others" })}` : ""}.`;

// Files.

export const fileReader = "The part of this page that reads files";
export const tooLarge = "This file is larger than 64 MiB. Check that it is what you mean.";
export const unreadable = "This file cannot be read.";
export const noColumn =
  'This file has no column "Device Id". Export the devices in the Teams admin center as CSV, and use that file unchanged.';
export const noList = "This file is no list of devices.";
export const neither = "This file is neither CSV nor JSON.";
export const withoutId = (/** @type {string | undefined} */ name) => (name ? `${name} (no id)` : "a line without an id");

// Saved selections.

export const selections = "Saved selections";
export const noSelections = "No selection is saved yet. Select devices, and give the selection a name.";
export const selectionName = "Name";
export const saveNone = "Save selection";
export const save = (/** @type {number} */ number) => `Save ${devices(number)}`;
export const kept = "Ids and names are kept in this browser.";
export const selection = (/** @type {string} */ name, /** @type {number} */ number) => `${name}: ${devices(number)}`;
export const removeSelection = (/** @type {string} */ name) => `Remove the selection ${name}`;
export const saved = (/** @type {number} */ number, /** @type {string} */ name) => `${devices(number)} saved as ${name}.`;
export const notSaved = "This browser does not keep selections.";
export const chosen = (/** @type {string} */ name, /** @type {number} */ number) => `${name}: ${devices(number)} selected.`;
export const selectionRemoved = (/** @type {string} */ name) => `The selection ${name} is removed.`;

// The start of runs.

/** `name` is that of the only device. */
export const offline = (/** @type {number} */ number, /** @type {string} */ name) =>
  `${isOne(number) ? `${name} was` : `${formatted(number)} of the selected devices were`} offline at last contact. You can start a run, but it stays queued until its device is back.`;
export const confirm = (/** @type {number} */ number) => `Run diagnostics on ${devices(number)}?`;
export const simulatedGraph = "the simulated Graph";
export const graph = (/** @type {string} */ name) => `Graph, ${name}`;
export const confirmText = (/** @type {string} */ graph) =>
  `Each device collects its logs, through ${graph}. What has not started can be taken back; a run cannot be stopped.`;
export const confirmOffline = (/** @type {number} */ number) =>
  `${formatted(number)} of them ${isOne(number) ? "was" : "were"} offline at last contact, ten minutes ago or more. A run stays queued until its device is back.`;
export const confirmed = "Run";
export const notNow = "Not now";
export const starting = (/** @type {number} */ number) => `Starting diagnostics on ${devices(number)}.`;
export const startedOffline = (/** @type {number} */ number) => `${devices(number)} offline at last contact.`;
