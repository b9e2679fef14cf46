// Formats dates and times for people.

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

/** The same with its zone and its seconds, for a tooltip. @param {Date | string} time */
export function exactTime(time) {
  const date = new Date(time);
  if (Number.isNaN(date.valueOf())) return String(time);
  return date.toLocaleString([], {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
}
