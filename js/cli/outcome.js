// What the results of all devices mean together: the exit code and the summary.
import { EXIT } from "./failure.js";
import { hintText } from "./hint.js";
import { safeText } from "./safe-text.js";
import { OUTCOMES, counted } from "./words.js";

/** @import { DeviceOutcome, DeviceResult } from "teams-device-diagnostics/fleet" */

const NO_ACCESS = ["unauthorized", "forbidden", "missingToken"];
const NO_ACCESS_STATUS = [401, 403];

/**
 * Whether an error says that access is missing, whatever has become of its device.
 *
 * @param {{ code: string, statusCode?: number | undefined } | undefined} error
 */
export const isNoAccess = (error) =>
  error !== undefined && (NO_ACCESS.includes(error.code) || NO_ACCESS_STATUS.includes(error.statusCode ?? 0));

/**
 * The exit code. Access is missing if that is why every device without success has none, and the token was refused or no device succeeded:
 * a licence that one room lacks is not a matter of access.
 *
 * @param {Pick<DeviceResult, "outcome" | "error">[]} results
 */
export function exitCodeOf(results) {
  const others = results.filter(({ outcome }) => outcome !== "successful");
  if (others.length === 0) return EXIT.allSuccessful;
  const isAccess = others.every(({ error }) => isNoAccess(error));
  const isTotal =
    others.length === results.length || others.some(({ error }) => error?.code === "unauthorized" || error?.statusCode === 401);
  return isAccess && isTotal ? EXIT.noAccess : EXIT.notAllSuccessful;
}

/**
 * The lines of the summary: how many devices had each outcome, and what to do about each error.
 *
 * @param {DeviceResult[]} results @param {string} one what is counted
 */
export function summaryOf(results, one) {
  /** @type {Map<DeviceOutcome, number>} */
  const outcomes = new Map();
  /** @type {Map<string, { count: number, hint: string }>} */
  const hints = new Map();
  for (const { outcome, error } of results) {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (!error?.hint) continue;
    const key = `${error.code} ${error.hint}`;
    hints.set(key, { count: (hints.get(key)?.count ?? 0) + 1, hint: `${error.code}: ${hintText(error.hint)}` });
  }
  const counts = [...outcomes].map(([outcome, count]) => `${count} ${OUTCOMES[outcome]}`);
  const advice = [...hints.values()].map(({ count, hint }) => `  ${safeText(hint)}${count > 1 ? ` (${counted(count, one)})` : ""}`);
  return [`${counted(results.length, one)}: ${counts.join(", ") || "none"}`, ...advice];
}
