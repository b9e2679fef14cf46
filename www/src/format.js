// Formats device kinds, events, times and numbers for people.

/** @import { OperationState, ProgressEvent, RetryEvent, StatusEvent, ThrottledEvent } from "./teams-device-diagnostics.js" */

/** @typedef {{ icon: string, title: string, detail?: string }} EventText */

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

/** @type {Record<OperationState, string>} */
const STATE_DETAILS = {
  queued: "The device has not accepted the run yet. While it is offline or busy, the run can stay queued for a long time.",
  scheduled: "The device will run it.",
  inProgress: "The device is collecting its logs.",
  successful: "The logs are ready.",
  failed: "The device could not finish the run.",
  cancelled: "The run was cancelled.",
  unknown: "Microsoft does not document this status. It counts as running.",
};

/** The title of a device type, which may be new to this page. @param {string} type */
export const typeTitle = (type) => titleOf(TYPES.get(type), type);

/** @param {string} health */
export const healthText = (health) => HEALTH.get(health) ?? { title: titleOf(undefined, health), icon: "unknown", tone: "quiet" };

/** @param {string} activity */
export const activityTitle = (activity) => titleOf(ACTIVITY.get(activity), activity);

/**
 * @param {ProgressEvent} event
 * @returns {EventText}
 */
export function eventText(event) {
  switch (event.type) {
    case "started":
      return { icon: "started", title: "Started" };
    case "attached":
      return { icon: "started", title: "Attached", detail: "Diagnostics were already queued for the device." };
    case "abandoned":
      return { icon: "stopped", title: "Abandoned", detail: "The run may have started. Check the device's operations." };
    case "status":
      return { icon: event.state, title: event.status ?? "No status", detail: statusDetail(event) };
    case "throttled":
      return { icon: "throttled", title: "Throttled", detail: `Graph wants fewer requests (HTTP 429). ${again(event)}` };
    case "retry":
      return { icon: "retry", title: "Retrying", detail: `${failure(event)} ${again(event)}` };
  }
}

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

/** @param {StatusEvent} event */
function statusDetail(event) {
  return event.status === undefined ? "Graph's response has no status. It counts as running." : STATE_DETAILS[event.state];
}

/** @param {RetryEvent} event */
function failure(event) {
  return event.statusCode === undefined ? "No response from Graph." : `Graph responded with HTTP ${event.statusCode}.`;
}

/** @param {RetryEvent | ThrottledEvent} event */
function again({ attempt, retryAfterFrom, retryAfterMs }) {
  const wait = duration(retryAfterMs);
  return retryAfterFrom === "header"
    ? `Graph requested a delay: retry ${attempt} in ${wait}.`
    : `Graph sent no Retry-After that a page can read; backing off: retry ${attempt} in ${wait}.`;
}

/** @template T @param {Record<string, T>} members @returns {Map<string, T>} */
function mapOf(members) {
  return new Map(Object.entries(members));
}
