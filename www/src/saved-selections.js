// Selections of devices under names, kept in this browser for the next visit. They contain ids and names of devices.

/** @typedef {{ name: string, service: string, devices: { id: string, name: string }[] }} SavedSelection `service` is the id of the Graph */

const KEY = "teams-device-diagnostics/selections";

export const savedSelections = {
  /** In the order of their names. @returns {SavedSelection[]} */
  all() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isSelection) : [];
    } catch {
      return [];
    }
  },

  /** Replaces one that has the same name. @param {SavedSelection} selection @returns {boolean} whether the browser keeps it */
  save(selection) {
    return store([...without(selection), selection].sort((a, b) => a.name.localeCompare(b.name)));
  },

  /** @param {SavedSelection} selection */
  remove(selection) {
    store(without(selection));
  },
};

/** @param {SavedSelection} selection */
const without = ({ name, service }) => savedSelections.all().filter((other) => other.name !== name || other.service !== service);

/** @param {SavedSelection[]} selections */
function store(selections) {
  try {
    localStorage.setItem(KEY, JSON.stringify(selections));
    return true;
  } catch {
    // A browser that forbids storage, or has none left.
    return false;
  }
}

/** Whether a stored value can be used: another version of the page may have written it. @param {any} value */
function isSelection(value) {
  const isText = (/** @type {unknown} */ text) => typeof text === "string";
  const isDevice = (/** @type {any} */ device) => isText(device?.id) && isText(device?.name);
  return isText(value?.name) && isText(value?.service) && Array.isArray(value?.devices) && value.devices.every(isDevice);
}
