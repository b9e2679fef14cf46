// The devices as the page shows them: read from Graph's documents, named and filtered.

import { runKind } from "./device-runs.js";

/** @import { LastRuns } from "./device-runs.js" */
/** @import { TeamworkDevice } from "./teams-device-diagnostics.js" */

/**
 * Graph's values are in lower case, because their case varies between Microsoft's pages.
 *
 * @typedef {object} Device
 * @property {string} id
 * @property {string} name the display name: that of the signed-in user, which in a room is the room
 * @property {string} type
 * @property {string} make manufacturer and model
 * @property {string} user
 * @property {string} health
 * @property {string} activity
 * @property {string} lastSeen as Graph wrote it
 * @property {string} notes
 * @property {boolean} added whether it was added by its id, so that nothing else is known
 */

/** `run` is the title of what the last run has come to, or NO_RUN. @typedef {{ search: string, type: string, health: string, run: string }} Filter */

/** @type {Filter} */
export const EVERYTHING = { search: "", type: "", health: "", run: "" };

export const NO_RUN = "none";

/**
 * @param {TeamworkDevice} document
 * @returns {Device | undefined} undefined without an id, because no run can be started without it
 */
export function deviceOf(document) {
  const { id, hardwareDetail, currentUser } = document;
  if (typeof id !== "string" || id === "") return undefined;
  const user = text(currentUser?.displayName);
  const make = [text(hardwareDetail?.manufacturer), text(hardwareDetail?.model)].filter(Boolean).join(" ");
  return {
    id,
    name: text(document.displayName) || user || make || id,
    type: word(document.deviceType),
    make,
    user,
    health: word(document.healthStatus),
    activity: word(document.activityState),
    lastSeen: text(document.lastModifiedDateTime),
    notes: text(document.notes),
    added: false,
  };
}

/** What a file or a saved selection knows of a device. @typedef {{ id: string, name?: string, make?: string, user?: string }} KnownDevice */

/**
 * A device that was added by its id.
 *
 * @param {KnownDevice} known
 * @returns {Device}
 */
export function addedDevice({ id, name = "", make = "", user = "" }) {
  const unknown = { type: "", health: "", activity: "", lastSeen: "", notes: "" };
  return { ...unknown, id, name: name || user || id, make, user, added: true };
}

/**
 * A unique label for each device: its name, with its id if several have that name.
 *
 * @param {Device[]} devices
 * @returns {Map<string, string>} by id
 */
export function labels(devices) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const { name } of devices) times.set(name, (times.get(name) ?? 0) + 1);
  return new Map(devices.map(({ id, name }) => [id, times.get(name) === 1 ? name : `${name}, ${id}`]));
}

/**
 * The devices that the filter leaves, in their order.
 *
 * @param {Device[]} devices
 * @param {Filter} filter
 * @param {LastRuns} last
 */
export function shown(devices, { search, type, health, run }, last) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter(
    (device) =>
      (type === "" || device.type === type) &&
      (health === "" || device.health === health) &&
      (run === "" || lastRunTitle(device, last) === run) &&
      (words.length === 0 || isFound(searchable(device), words)),
  );
}

/** @param {Device} device @param {LastRuns} last */
function lastRunTitle({ id }, last) {
  const run = last.get(id);
  return run === undefined ? NO_RUN : runKind(run).title;
}

/** @param {string} text @param {string[]} words */
const isFound = (text, words) => words.every((word) => text.includes(word));

/** Whether the device was offline at last contact, which can be ten minutes ago or more. @param {Device} device */
export const isOffline = ({ health }) => health === "offline";

/** The texts that are searched: each is made once, because every key searches all devices. @type {WeakMap<Device, string>} */
const texts = new WeakMap();

/** @param {Device} device */
function searchable(device) {
  const known = texts.get(device);
  if (known !== undefined) return known;
  const { id, name, make, user, notes } = device;
  const made = [id, name, make, user, notes].join("\n").toLowerCase();
  texts.set(device, made);
  return made;
}

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {unknown} value */
const word = (value) => text(value).toLowerCase();
