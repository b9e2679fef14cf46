// The devices as the page shows them: read from Graph's documents, named and filtered.

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

/** @typedef {{ search: string, type: string, health: string }} Filter */

/** @type {Filter} */
export const EVERYTHING = { search: "", type: "", health: "" };

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

/**
 * A device that was added by its id.
 *
 * @param {string} id
 * @returns {Device}
 */
export function deviceWithId(id) {
  return { id, name: id, type: "", make: "", user: "", health: "", activity: "", lastSeen: "", notes: "", added: true };
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

/** Whether the device was offline at last contact, which can be ten minutes ago or more. @param {Device} device */
export const isOffline = ({ health }) => health === "offline";

/** @param {Device} device */
const searchable = ({ id, name, make, user, notes }) => [id, name, make, user, notes].join("\n").toLowerCase();

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : "");

/** @param {unknown} value */
const word = (value) => text(value).toLowerCase();
