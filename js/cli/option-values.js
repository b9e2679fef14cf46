// Reads the values of options. A wrong one is refused with what it must be; commander adds the name of the option.
import { InvalidArgumentError } from "commander";

/** @type {Record<string, number>} */
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
const EXAMPLES = "write a number with its unit, such as 500ms, 90s, 5m, 1h or 1h30m";

/**
 * A parser of durations into milliseconds. A number without a unit is refused, because milliseconds and seconds are both common.
 *
 * @param {{ zero?: boolean, none?: boolean }} [allowed] whether 0, and whether `none` (no limit)
 */
export function duration({ zero = false, none = false } = {}) {
  return (/** @type {string} */ text) => {
    if (none && text === "none") return Number.POSITIVE_INFINITY;
    if (zero && text === "0") return 0;
    if (!DURATION.test(text)) throw new InvalidArgumentError(`It must be a duration: ${EXAMPLES}${none ? ", or none for no limit" : ""}.`);
    const ms = [...text.matchAll(PART)].reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit], 0);
    if (ms === 0 && !zero) throw new InvalidArgumentError("It must be more than 0.");
    return ms;
  };
}

/** A parser of whole numbers. @param {number} least @param {number} most */
export function wholeNumber(least, most) {
  return (/** @type {string} */ text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${shown(least)} to ${shown(most)}.`);
  };
}

/** A rate in requests per second. @param {string} text */
export function rate(text) {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0 && number <= 1_000) return number;
  throw new InvalidArgumentError("It must be a number, more than 0 and at most 1,000.");
}

/** A service root. The library checks it once more. @param {string} text */
export function baseUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url?.hostname ?? "");
  const isTrusted = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback);
  if (url && isTrusted && !url.username && !url.password && !url.search && !url.hash) return text;
  throw new InvalidArgumentError(
    "It must be a URL with https (or http on a loopback address) and the version, such as https://graph.microsoft.com/beta.",
  );
}

/** A list: the option may be repeated, and a value may hold several, separated by commas. @param {string} text @param {string[]} [before] */
export function list(text, before = []) {
  const values = text.split(",").map((value) => value.trim().toLowerCase());
  if (values.includes("")) throw new InvalidArgumentError("A value is empty.");
  return [...before, ...values];
}

/** A file for a report. @param {string} text */
export function reportFile(text) {
  if (/\.(csv|json)$/i.test(text)) return text;
  throw new InvalidArgumentError("Its name must end with .csv or .json, which says the format.");
}

/** A file. @param {string} text */
export function file(text) {
  if (text !== "") return text;
  throw new InvalidArgumentError("It must name a file.");
}

/** @param {number} number */
const shown = (number) => number.toLocaleString("en");
