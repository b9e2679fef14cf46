// Reports of the runs: CSV for spreadsheets, JSON for programs, and a few lines for a support case.

/** @import { DiagnosticsError } from "./teams-device-diagnostics.js" */

/**
 * The report of one run. Unknown members are absent. Times are ISO 8601.
 *
 * @typedef {object} ReportRow
 * @property {string} deviceId
 * @property {string} [deviceName]
 * @property {string} [outcome] as the page shows it
 * @property {string} [status] Graph's own status
 * @property {string} [code] of the DiagnosticsError
 * @property {string} [message]
 * @property {string} [location]
 * @property {string} [requestId]
 * @property {string} [clientRequestId]
 * @property {string} [startedAt]
 * @property {string} [endedAt]
 */

/** The first column has the name of that in the Teams admin center, so that this page can read the ids from a report. */
const COLUMNS = /** @type {[string, keyof ReportRow][]} */ ([
  ["Device Id", "deviceId"],
  ["Device", "deviceName"],
  ["Outcome", "outcome"],
  ["Status", "status"],
  ["Code", "code"],
  ["Message", "message"],
  ["Location", "location"],
  ["request-id", "requestId"],
  ["client-request-id", "clientRequestId"],
  ["Started", "startedAt"],
  ["Ended", "endedAt"],
]);

/**
 * The report as CSV (RFC 4180), with the byte order mark by which Excel recognises UTF-8.
 *
 * @param {ReportRow[]} rows
 */
export function csvReport(rows) {
  const lines = [COLUMNS.map(([name]) => name), ...rows.map((row) => COLUMNS.map(([, member]) => row[member] ?? ""))];
  return `\uFEFF${lines.map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("")}`;
}

/** @param {ReportRow[]} rows */
export function jsonReport(rows) {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/**
 * The details that Microsoft's support asks for, and those that a colleague needs to understand them.
 *
 * @param {ReportRow} row
 * @param {DiagnosticsError} [error]
 */
export function supportText(row, error) {
  const failed = error?.operation?.error;
  /** @type {[string, unknown][]} */
  const facts = [
    ["Outcome", row.outcome],
    ["Device", row.deviceName],
    ["Device id", row.deviceId],
    ["Status", row.status],
    ["Code", error?.code ?? row.code],
    ["HTTP status", error?.statusCode],
    ["Graph's code", error?.graphCode],
    ["Message", error?.message ?? row.message],
    ["The device says", failed && [failed.code, failed.message].filter(Boolean).join(": ")],
    ["Hint", error?.hint],
    ["May have started", error?.mayHaveStarted ? "yes" : undefined],
    ["Attempts", error?.attempts],
    ["request-id", error?.requestId ?? row.requestId],
    ["client-request-id", error?.clientRequestId ?? row.clientRequestId],
    ["Date", error?.date],
    ["Location", error?.location ?? row.location],
    ["Started", row.startedAt],
    ["Ended", row.endedAt],
  ];
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== "");
  const lines = known.map(([name, value]) => `${name}: ${String(value).replace(/\s+/g, " ").trim()}`);
  return `${["Microsoft Teams device diagnostics", ...lines].join("\n")}\n`;
}

/**
 * A cell of the CSV, in quotes. It must not begin like a formula, because spreadsheets evaluate formulas even in quotes.
 * Source: <https://owasp.org/www-community/attacks/CSV_Injection>.
 *
 * @param {string} text
 */
function csvCell(text) {
  const harmless = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
