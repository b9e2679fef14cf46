// The state of a run, and how events change it. Nothing is sent from here.

import { outcomeTitle } from "./outcome.js";
import { NOTES, RUNS, STEPS, eventText } from "./messages-runs.js";

/** @import { DeviceEvent, DeviceRecord, OperationState, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */
/** @import { HttpLog } from "./http-log.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { ReportRow } from "./report.js" */
/** @import { Service } from "./service.js" */

/**
 * An entry of the timeline. It counts the polls that found the same status again.
 *
 * @typedef {object} Entry
 * @property {number} key
 * @property {string} kind of the event
 * @property {Date} at
 * @property {string} icon
 * @property {string} title
 * @property {string} [detail]
 * @property {number} polls
 * @property {Date} lastPoll
 */

/**
 * The next step; `due` is the time of a countdown.
 *
 * @typedef {{ what: string, due?: number }} Next
 */

/**
 * @typedef {object} Run
 * @property {number} id
 * @property {string} batch the id of the batch that it belongs to
 * @property {number} place in its batch
 * @property {number} [fleet] the id of the fleet that follows it
 * @property {string} deviceId
 * @property {string} name of the device
 * @property {Service} service
 * @property {Date} startedAt
 * @property {Date} [endedAt]
 * @property {Entry[]} entries
 * @property {Next} next
 * @property {"waiting" | "starting" | "started" | "looking" | OperationState} stage what it is doing, as last seen
 * @property {DeviceRecord} [record] what must not be lost, as the fleet last wrote it
 * @property {string} [location] of its operation, once Graph has accepted the run
 * @property {TeamworkDeviceOperation} [operation] as last seen
 * @property {Outcome} [outcome] absent while the page waits
 * @property {HttpLog} httpLog
 * @property {boolean} [isElsewhere] whether another tab follows it
 */

/**
 * @param {Pick<Run, "id" | "batch" | "place" | "deviceId" | "name" | "service" | "httpLog"> & Partial<Run>} known
 * @returns {Run}
 */
export function newRun(known) {
  return { startedAt: new Date(), entries: [], next: { what: STEPS.turn }, stage: "waiting", ...known };
}

/**
 * The run after a start or a wait has begun again.
 *
 * @param {Run} run
 * @param {Partial<Run>} changes
 * @param {Pick<Entry, "icon" | "title" | "detail">} [entry]
 * @returns {Run}
 */
export function begun(run, changes, entry) {
  const entries = entry === undefined ? run.entries : [...run.entries, newEntry(run, "note", entry)];
  return { ...run, entries, outcome: undefined, endedAt: undefined, ...changes };
}

/**
 * The run after the fleet has written a record of it.
 *
 * @param {Run} run
 * @param {DeviceRecord} record
 * @returns {Run}
 */
export function recorded(run, record) {
  const isStart = record.state === "starting" && run.stage === "waiting";
  const startedAt = isStart ? new Date(record.time) : run.startedAt;
  const changes = isStart ? { stage: /** @type {const} */ ("starting"), next: { what: STEPS.starting } } : {};
  return { ...run, ...changes, startedAt, record, location: record.location ?? run.location };
}

/**
 * @param {Run} run
 * @param {DeviceEvent} event
 * @returns {Run}
 */
export function progressed(run, event) {
  return {
    ...run,
    entries: entriesAfter(run, event),
    next: nextAfter(event),
    stage: stageAfter(run, event),
    location: event.location ?? run.location,
    operation: ("operation" in event ? event.operation : undefined) ?? run.operation,
  };
}

/**
 * @param {Run} run
 * @param {Outcome} outcome
 * @returns {Run}
 */
export function ended(run, outcome) {
  const entries =
    outcome.kind === "stopped" ? [...run.entries, newEntry(run, "note", { icon: "stopped", title: NOTES.stopped })] : run.entries;
  const location = outcome.location ?? run.location;
  return { ...run, entries, outcome, fleet: undefined, endedAt: new Date(), location, operation: outcome.operation ?? run.operation };
}

/** @param {Run} run @returns {ReportRow} */
export function reportRow({ deviceId, name, operation, location, startedAt, endedAt, outcome }) {
  const error = outcome?.error;
  return {
    deviceId,
    deviceName: name,
    outcome: outcome === undefined ? RUNS.stillRunning : outcomeTitle(outcome),
    status: operation?.status,
    code: error?.code,
    message: error?.message ?? outcome?.message,
    location,
    requestId: error?.requestId,
    clientRequestId: error?.clientRequestId,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString(),
  };
}

/** @param {Run} run @param {DeviceEvent} event */
function entriesAfter(run, event) {
  const last = run.entries.at(-1);
  const text = eventText(event);
  if (event.type === "status" && last?.kind === "status" && last.title === text.title) {
    return run.entries.with(-1, { ...last, polls: last.polls + 1, lastPoll: new Date() });
  }
  return [...run.entries, newEntry(run, event.type, text)];
}

/**
 * The location as Graph sent it, which the package resolves. They differ, and developers of portals should see how.
 *
 * @param {Run} run
 * @returns {string | undefined}
 */
export function receivedLocation({ httpLog }) {
  const accepted = httpLog.entries.findLast(({ method, status }) => method === "POST" && status === 202);
  return accepted?.responseHeaders.find(([name]) => name.toLowerCase() === "location")?.[1];
}

/** @param {Run} run @param {string} kind @param {Pick<Entry, "icon" | "title" | "detail">} text @returns {Entry} */
function newEntry({ entries }, kind, text) {
  const now = new Date();
  return { key: entries.length, kind, at: now, polls: 1, lastPoll: now, ...text };
}

/** @param {Run} run @param {DeviceEvent} event @returns {Run["stage"]} */
function stageAfter(run, event) {
  if (event.type === "status" || event.type === "attached") return event.state;
  return event.type === "started" ? "started" : run.stage;
}

/** @param {DeviceEvent} event @returns {Next} */
function nextAfter(event) {
  const now = Date.now();
  if (event.type === "started" || event.type === "attached") return { what: STEPS.polling };
  if (event.type !== "status") return { what: STEPS.nextAttempt, due: now + event.retryAfterMs };
  return event.nextPollInMs === undefined ? { what: STEPS.done } : { what: STEPS.nextPoll, due: now + event.nextPollInMs };
}
