// Devices as the page shows them: read out of Graph's documents, named, filtered.

/** @import { TeamworkDevice } from "./teams-device-diagnostics.js" */

/**
 * Words are lower-cased: their case varies between Microsoft's pages.
 *
 * @typedef {object} Device
 * @property {string} id
 * @property {string} name for people; that of who is signed in, which in a room is the room
 * @property {string} type
 * @property {string} make manufacturer and model
 * @property {string} user
 * @property {string} health
 * @property {string} activity
 * @property {string} lastSeen as Graph wrote it
 * @property {string} notes
 * @property {boolean} added by its id: nothing else is known
 */

/** @typedef {{ search: string, type: string, health: string }} Filter */

/** @type {Filter} */
export const EVERYTHING = { search: "", type: "", health: "" };

/**
 * @param {TeamworkDevice} document
 * @returns {Device | undefined} nothing without an id: there would be nothing to run
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

/**
 * A device of which only the id is known.
 *
 * @param {string} id
 * @returns {Device}
 */
export function deviceWithId(id) {
  return { id, name: id, type: "", make: "", user: "", health: "", activity: "", lastSeen: "", notes: "", added: true };
}

/**
 * What tells each device from the others: its name, and its id too where several have that name.
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
 * @param {Device[]} devices
 * @param {Filter} filter
 */
export function shown(devices, { search, type, health }) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter(
    (device) =>
      (type === "" || device.type === type) &&
      (health === "" || device.health === health) &&
      words.every((part) => searchable(device).includes(part)),
  );
}

/** Health is what Graph last heard, which can be ten minutes ago and more. @param {Device} device */
export const isOffline = ({ health }) => health === "offline";

/** @param {Device} device */
const searchable = ({ id, name, make, user, notes }) => [id, name, make, user, notes].join("\n").toLowerCase();

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {unknown} value */
const word = (value) => text(value).toLowerCase();
