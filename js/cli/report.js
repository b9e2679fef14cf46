// The report of a fleet, as CSV for spreadsheets or JSON for programs.
import { stringify } from "csv-stringify/sync";
import { checkReplaceable, replaceFile } from "./durable-file.js";
import { otherError, usageError } from "./failure.js";
import { textOf } from "./foreign.js";
import { hintText, inOwnWords } from "./hint.js";
import { withoutTokens } from "./safe-text.js";
import { reason } from "./text-file.js";

/** @import { DeviceResult } from "teams-device-diagnostics/fleet" */

/**
 * The first column has the name of that in the Teams admin center, so that `--csv` reads a report.
 *
 * @type {[string, (result: DeviceResult) => unknown][]}
 */
const COLUMNS = [
  ["Device Id", ({ deviceId }) => deviceId],
  ["Outcome", ({ outcome }) => outcome],
  ["Status", ({ operation, error }) => operation?.status ?? error?.operation?.status],
  ["Code", ({ error }) => error?.code],
  ["Message", ({ error }) => error && inOwnWords(error.message)],
  ["Hint", ({ error }) => hintText(error?.hint)],
  ["Location", ({ location }) => location],
  ["request-id", ({ error }) => error?.requestId],
  ["client-request-id", ({ error }) => error?.clientRequestId],
  ["Started", ({ startedAt }) => startedAt],
  ["Ended", ({ endedAt }) => endedAt],
  ["Attempts", ({ attempts }) => attempts],
];

/** Refuses a file that cannot be written, before anything is started. @param {string | undefined} file */
export async function checkReportFile(file) {
  if (file === undefined) return;
  await checkReplaceable(file).catch((error) => {
    throw usageError(`--report ${file}: cannot write this file: ${reason(error)}`, "Create its folder, or use another file.");
  });
}

/** Writes the report as a whole, so that no half report is left. @param {string | undefined} file @param {DeviceResult[]} results */
export async function writeReport(file, results) {
  if (file === undefined) return;
  const text = /\.csv$/i.test(file) ? csvReport(results) : jsonReport(results);
  await replaceFile(file, withoutTokens(text)).catch((error) => {
    throw otherError(`--report ${file}: the report cannot be written: ${reason(error)}`, "Free the disk, or check the permissions.");
  });
}

/**
 * CSV (RFC 4180) with the byte order mark by which Excel recognises UTF-8. A cell that begins like a formula gets an apostrophe.
 *
 * @param {DeviceResult[]} results
 */
function csvReport(results) {
  const rows = [COLUMNS.map(([name]) => name), ...results.map((result) => COLUMNS.map(([, cell]) => textOf(cell(result))))];
  return stringify(rows, { bom: true, record_delimiter: "windows", escape_formulas: true });
}

/** @param {DeviceResult[]} results */
const jsonReport = (results) => `${JSON.stringify(results, null, 2)}\n`;
