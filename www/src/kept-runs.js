// What is kept of a run in the history: everything that its line and its details show, except the HTTP exchange. No secrets.

import { OUTCOMES } from "./messages.js";
import { STEPS } from "./messages-runs.js";
import { newRun } from "./run.js";

/** @import { DeviceRecord, DiagnosticsError, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */
/** @import { HttpLog } from "./http-log.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Entry, Run } from "./run.js" */
/** @import { Service } from "./service.js" */

/** The error is a plain object: a database cannot keep its class. @typedef {Omit<Outcome, "error"> & { error?: object }} KeptOutcome */

/**
 * `kind` is that of its outcome, or "running". A database can count it.
 *
 * @typedef {object} KeptRun
 * @property {string} batch
 * @property {number} place in its batch
 * @property {string} kind
 * @property {boolean} isRemoved whether the user has removed it from the table
 * @property {string} deviceId
 * @property {string} name
 * @property {Date} startedAt
 * @property {Date} [endedAt]
 * @property {Entry[]} entries
 * @property {Run["stage"]} stage
 * @property {DeviceRecord} [record]
 * @property {string} [location]
 * @property {TeamworkDeviceOperation} [operation]
 * @property {KeptOutcome} [outcome]
 */

/** @param {Run} run @param {{ isRemoved?: boolean }} [options] @returns {KeptRun} */
export function keptRun(run, { isRemoved = false } = {}) {
  const { batch, place, deviceId, name, startedAt, endedAt, entries, stage, record, location, operation, outcome } = run;
  const kept = outcome && { ...outcome, error: outcome.error && JSON.parse(JSON.stringify(outcome.error)) };
  const kind = outcome?.kind ?? "running";
  return { batch, place, kind, isRemoved, deviceId, name, startedAt, endedAt, entries, stage, record, location, operation, outcome: kept };
}

/**
 * The run that was kept.
 *
 * @param {KeptRun} kept
 * @param {{ id: number, service: Service, httpLog: HttpLog }} here
 * @returns {Run}
 */
export function restoredRun(kept, { id, service, httpLog }) {
  const { batch, place, deviceId, name, startedAt, endedAt, entries, stage, record, location, operation, outcome } = kept;
  const error = /** @type {DiagnosticsError | undefined} */ (outcome?.error);
  const next = { what: STEPS.done };
  const known = { startedAt, endedAt, entries, stage, record, location, operation, next };
  return newRun({ batch, place, deviceId, name, ...known, outcome: outcome && { ...outcome, error }, id, service, httpLog });
}

/** Whether what a database has is a run of this version of the page. @param {any} kept @returns {kept is KeptRun} */
export function isKeptRun(kept) {
  const texts = [kept?.batch, kept?.kind, kept?.deviceId, kept?.name, kept?.stage];
  const isTime = (/** @type {unknown} */ time) => time instanceof Date && !Number.isNaN(time.valueOf());
  if (!texts.every((text) => typeof text === "string") || !Number.isInteger(kept.place)) return false;
  if (!isTime(kept.startedAt) || !(kept.endedAt === undefined || isTime(kept.endedAt)) || !Array.isArray(kept.entries)) return false;
  if (kept.kind !== "running" && !Object.hasOwn(OUTCOMES, kept.kind)) return false;
  return (kept.outcome?.kind ?? "running") === kept.kind && (kept.record === undefined || isRecord(kept.record, kept.deviceId));
}

/** @param {any} record @param {string} deviceId */
function isRecord(record, deviceId) {
  if (record?.version !== 1 || record.deviceId !== deviceId || Number.isNaN(Date.parse(record.time))) return false;
  return ["starting", "ended"].includes(record.state) || (record.state === "running" && typeof record.location === "string");
}
