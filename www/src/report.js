// Reports of the runs: CSV for spreadsheets, JSON for programs, and a few lines for a support case.

import { SUPPORT } from "./messages-runs.js";

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
    [SUPPORT.outcome, row.outcome],
    [SUPPORT.device, row.deviceName],
    [SUPPORT.deviceId, row.deviceId],
    [SUPPORT.status, row.status],
    [SUPPORT.code, error?.code ?? row.code],
    [SUPPORT.httpStatus, error?.statusCode],
    [SUPPORT.graphCode, error?.graphCode],
    [SUPPORT.message, error?.message ?? row.message],
    [SUPPORT.said, failed && [failed.code, failed.message].filter(Boolean).join(": ")],
    [SUPPORT.hint, error?.hint],
    [SUPPORT.mayHaveStarted, error?.mayHaveStarted ? SUPPORT.yes : undefined],
    [SUPPORT.attempts, error?.attempts],
    [SUPPORT.requestId, error?.requestId ?? row.requestId],
    [SUPPORT.clientRequestId, error?.clientRequestId ?? row.clientRequestId],
    [SUPPORT.date, error?.date],
    [SUPPORT.location, error?.location ?? row.location],
    [SUPPORT.started, row.startedAt],
    [SUPPORT.ended, row.endedAt],
  ];
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== "");
  const lines = known.map(([name, value]) => `${name}: ${String(value).replace(/\s+/g, " ").trim()}`);
  return `${[SUPPORT.title, ...lines].join("\n")}\n`;
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
