// Records and results as callers see them, with times as text, and as the wasm has them, with times as numbers.
import { member } from "../../src/bindings/host.js";
import { DiagnosticsError } from "../errors.js";
import { toError } from "../failures.js";

/** @import { Source } from "./source.js" */
/** @import { DeviceRecord, DeviceResult, FleetProgressEvent } from "../types/fleet.d.ts" */

/**
 * A record as the wasm has it.
 *
 * @typedef {object} FlatRecord
 * @property {DeviceRecord["state"]} state
 * @property {number} time in milliseconds since the Unix epoch, like the other times
 * @property {number} [serviceTime]
 * @property {string} [location]
 * @property {number} [startedAt]
 * @property {DeviceRecord["outcome"]} [outcome]
 * @property {string} [errorCode]
 * @property {string} [errorMessage]
 * @property {number} attempts
 */

const VERSION = 1;

/** @param {string} deviceId @param {FlatRecord} record @returns {DeviceRecord} */
export function toRecord(deviceId, { errorCode, errorMessage, ...record }) {
  const error = errorCode === undefined ? undefined : { code: errorCode, message: errorMessage };
  const times = { time: iso(record.time), serviceTime: iso(record.serviceTime), startedAt: iso(record.startedAt) };
  return /** @type {any} */ (defined({ version: VERSION, deviceId, ...record, ...times, error }));
}

/**
 * The records by device: the last one of each counts. Throws if one is not a record.
 *
 * @param {Source} source
 * @returns {Promise<Map<string, FlatRecord>>}
 */
export async function readRecords(source) {
  /** @type {Map<string, FlatRecord>} */
  const last = new Map();
  for (let { done, value: record } = await source.next(); !done; { done, value: record } = await source.next()) {
    const deviceId = member(record, "deviceId");
    if (typeof deviceId !== "string")
      throw invalid("options.resume", "has a record that is not one of a fleet: pass what onState received");
    last.delete(deviceId);
    last.set(deviceId, fromRecord(record));
  }
  return last;
}

/** @param {any} record @returns {FlatRecord} */
function fromRecord(record) {
  const of = (/** @type {string} */ name) => member(record, name);
  if (of("version") !== VERSION)
    throw invalid("options.resume", `has a record of version ${String(of("version")).slice(0, 20)}: this release reads version ${VERSION}`);
  const moment = (/** @type {string} */ name) => (typeof of(name) === "string" ? Date.parse(of(name)) : undefined);
  const error = of("error");
  return /** @type {any} */ (
    defined({
      state: of("state"),
      time: numberOf(moment("time")),
      serviceTime: numberOf(moment("serviceTime")),
      location: of("location"),
      startedAt: numberOf(moment("startedAt")),
      outcome: of("outcome"),
      errorCode: member(error, "code"),
      errorMessage: member(error, "message"),
      attempts: of("attempts"),
    })
  );
}

/** @param {number | undefined} ms */
const numberOf = (ms) => (Number.isNaN(ms) ? undefined : ms);

/** @param {string} given the id @param {any} result as the wasm has it @returns {DeviceResult} */
export function toResult(given, { isToken, errorCode, errorMessage, error, mayHaveStarted, ...result }) {
  // Only a call knows the token of a token function, which may have been passed as an id.
  const deviceId = isToken ? "" : given;
  const recorded = () =>
    new DiagnosticsError(errorMessage, { code: errorCode, deviceId, location: result.location, mayHaveStarted: false });
  const thrown =
    error === undefined
      ? errorCode === undefined
        ? undefined
        : recorded()
      : toError(error, { deviceId, location: result.location, mayHaveStarted });
  const times = { startedAt: iso(result.startedAt), endedAt: iso(result.endedAt) };
  return /** @type {any} */ (defined({ deviceId, ...result, ...times, error: thrown }));
}

/** @param {any} event as the wasm has it @returns {FleetProgressEvent} */
export function toFleetEvent({ throttledUntil, error, ...event }) {
  const thrown = error === undefined ? undefined : toError(error, {});
  return defined({ ...event, throttledUntil: iso(throttledUntil), error: thrown });
}

/** The failure for an invalid argument, as the wasm would have it. @param {string} name @param {string} problem */
export const invalid = (name, problem) => ({ message: `${name} ${problem}`, code: "invalidArgument", mayHaveStarted: false });

/** @param {number | undefined} ms */
function iso(ms) {
  const date = ms === undefined ? undefined : new Date(ms);
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined;
}

/** The object without its members that are undefined. @param {object} object @returns {any} */
const defined = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
