// Saves the report of runs as a file of the browser.

import { csvReport, jsonReport } from "./report.js";
import { reportRow } from "./run.js";

/** @import { Run } from "./run.js" */

/** @param {"csv" | "json"} format @param {Run[]} runs in the order of the file @param {Date} [day] in the name of the file, by default today */
export function saveReport(format, runs, day = new Date()) {
  const rows = runs.map(reportRow);
  const [text, type] = format === "csv" ? [csvReport(rows), "text/csv"] : [jsonReport(rows), "application/json"];
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), {
    href: url,
    download: `teams-device-diagnostics-${day.toISOString().slice(0, 10)}.${format}`,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
