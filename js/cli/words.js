// How times, numbers and outcomes are written.
/** @import { DeviceOutcome } from "teams-device-diagnostics/fleet" */

/** @type {Record<DeviceOutcome, string>} */
export const OUTCOMES = {
  successful: "successful",
  failed: "failed",
  cancelled: "cancelled",
  stillRunning: "still running",
  refused: "refused",
  conflict: "conflict",
  lost: "lost",
  notStarted: "not started",
  aborted: "interrupted, still running",
};

/** A length of time for people, such as `1 h 05 min`. @param {number} ms */
export function lengthOf(ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
}

/** @param {number} number */
const two = (number) => String(number).padStart(2, "0");

/** The local time of day of a moment. @param {string} iso */
export function timeOfDay(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}

/** A moment in UTC, to the second. @param {number} unixTime in milliseconds */
export const momentOf = (unixTime) => new Date(unixTime).toISOString().replace(/\.\d+Z$/, "Z");

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
