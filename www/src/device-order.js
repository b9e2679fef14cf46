// The order of the rows. Devices of which the value is not known come last, in both directions.

import { runKind } from "./device-runs.js";
import { healthText, typeTitle } from "./device-words.js";

/** @import { LastRuns } from "./device-runs.js" */
/** @import { Device } from "./devices.js" */

/** @typedef {"device" | "type" | "health" | "seen" | "run"} Column */

/** `by` is undefined for Graph's own order. @typedef {{ by: Column | undefined, isDescending: boolean }} Order */

/** @type {Order} */
export const UNSORTED = { by: undefined, isDescending: false };

/** Most urgent first. */
const HEALTH = ["critical", "offline", "nonurgent", "healthy"];

// Made once, because to make one takes longer than a thousand comparisons. "Room 2" comes before "Room 10".
const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The order after the header of a column was pressed: ascending, descending, and then Graph's own. @param {Order} order @param {Column} by @returns {Order} */
export function orderAfter({ by: before, isDescending }, by) {
  if (before !== by) return { by, isDescending: false };
  return isDescending ? UNSORTED : { by, isDescending: true };
}

/**
 * @param {Device[]} devices
 * @param {Order} order
 * @param {LastRuns} last
 */
export function ordered(devices, { by, isDescending }, last) {
  if (by === undefined) return devices;
  const value = sortedValue(by, last);
  const rows = devices.map((device) => ({ device, key: value(device) }));
  const [known, unknown] = [rows.filter(({ key }) => key !== ""), rows.filter(({ key }) => key === "")];
  known.sort((a, b) => COLLATOR.compare(a.key, b.key));
  if (isDescending) known.reverse();
  return [...known, ...unknown].map(({ device }) => device);
}

/** @param {Column} by @param {LastRuns} last @returns {(device: Device) => string} */
function sortedValue(by, last) {
  switch (by) {
    case "device":
      return ({ name }) => name;
    case "type":
      return ({ type, make }) => (type === "" ? make : `${typeTitle(type)} ${make}`.trim());
    case "health":
      return ({ health }) => (health === "" ? "" : `${rank(health)} ${healthText(health).title}`);
    case "seen":
      // The latest first. Graph's dates are ISO 8601, but of several lengths.
      return ({ lastSeen }) => (Number.isNaN(Date.parse(lastSeen)) ? "" : String(Number.MAX_SAFE_INTEGER - Date.parse(lastSeen)));
    case "run":
      return ({ id }) => {
        const run = last.get(id);
        return run === undefined ? "" : runKind(run).short;
      };
  }
}

/** @param {string} health */
const rank = (health) => (HEALTH.includes(health) ? HEALTH.indexOf(health) : HEALTH.length);
