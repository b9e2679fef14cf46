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

const exact = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "long" });

/** The same with its seconds and its zone, for a tooltip. @param {Date | string} time */
export function exactTime(time) {
  const date = new Date(time);
  return Number.isNaN(date.valueOf()) ? String(time) : exact.format(date);
}
