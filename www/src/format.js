// Formats device kinds, times and numbers for people.

// These are maps, not objects, because Graph may send any value, even `constructor`.

const TYPES = mapOf({
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
});

const HEALTH = mapOf({
  healthy: { title: "Healthy", icon: "successful", tone: "good" },
  nonurgent: { title: "Non-urgent", icon: "notice", tone: "notice" },
  critical: { title: "Critical", icon: "warning", tone: "bad" },
  offline: { title: "Offline", icon: "offline", tone: "warn" },
});

const ACTIVITY = mapOf({ busy: "Busy", idle: "Idle", unavailable: "Unavailable" });

/** The title of a device type, which may be new to this page. @param {string} type */
export const typeTitle = (type) => titleOf(TYPES.get(type), type);

/** @param {string} health */
export const healthText = (health) => HEALTH.get(health) ?? { title: titleOf(undefined, health), icon: "unknown", tone: "quiet" };

/** @param {string} activity */
export const activityTitle = (activity) => titleOf(ACTIVITY.get(activity), activity);

/**
 * A duration, for example `12 s` or `2 min 5 s`, rounded up.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
}

/** @param {number} number @param {string} one */
export const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

/** A time of day, with its date if that is not today: a page may stay open over night. @param {Date} date @param {Date} [now] */
export function clock(date, now = new Date()) {
  if (date.toDateString() === now.toDateString()) return date.toLocaleTimeString();
  return date.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}

/**
 * A date of Graph's. If it cannot be parsed, it stays unchanged.
 *
 * @param {string | null | undefined} text
 */
export function dateTime(text) {
  const date = new Date(text ?? "");
  return Number.isNaN(date.valueOf()) ? (text ?? "") : date.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

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
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`;
  return `${Math.round(minutes / (24 * 60))} days ago`;
}

/** @param {string | undefined} known @param {string} word */
function titleOf(known, word) {
  if (known !== undefined) return known;
  return word === "" || word === "unknown" ? "Unknown" : word;
}

/** @template T @param {Record<string, T>} members @returns {Map<string, T>} */
function mapOf(members) {
  return new Map(Object.entries(members));
}
