// The words for what Graph says of a device: its kind, its health, what it does, and when it was seen.

import * as texts from "./messages-devices.js";

// These are maps, not objects, because Graph may send any value, even `constructor`.

const TYPES = mapOf(texts.TYPES);
const HEALTH = mapOf(texts.HEALTH);
const ACTIVITY = mapOf(texts.ACTIVITY);

/** The title of a device type, which may be new to this page. @param {string} type */
export const typeTitle = (type) => titleOf(TYPES.get(type), type);

/** @param {string} health */
export const healthText = (health) => HEALTH.get(health) ?? { title: titleOf(undefined, health), icon: "unknown", tone: "quiet" };

/** @param {string} activity */
export const activityTitle = (activity) => titleOf(ACTIVITY.get(activity), activity);

/**
 * How long ago a time was, approximately.
 *
 * @param {string} text
 * @param {number} now
 */
export function ago(text, now) {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return text;
  const minutes = Math.max(0, Math.round((now - at) / 60_000));
  if (minutes < 1) return texts.justNow;
  if (minutes < 60) return texts.minutesAgo(minutes);
  if (minutes < 48 * 60) return texts.hoursAgo(Math.round(minutes / 60));
  return texts.daysAgo(Math.round(minutes / (24 * 60)));
}

/** @param {string | undefined} known @param {string} word */
function titleOf(known, word) {
  if (known !== undefined) return known;
  return word === "" || word === "unknown" ? texts.unknown : word;
}

/** @template T @param {Record<string, T>} members @returns {Map<string, T>} */
function mapOf(members) {
  return new Map(Object.entries(members));
}
