// The state of a run, and how events change it. Nothing is sent from here.

import { outcomeTitle } from "./outcome.js";
import { eventText } from "./format.js";

/** @import { ProgressEvent, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */
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
 * @property {[string, string][]} [facts]
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
 * @property {string} deviceId
 * @property {string} name of the device
 * @property {Service} service
 * @property {Date} startedAt
 * @property {Date} [endedAt]
 * @property {Entry[]} entries
 * @property {Next} next
 * @property {string} [location] of its operation, once Graph has accepted the run
 * @property {TeamworkDeviceOperation} [operation] as last seen
 * @property {Outcome} [outcome] absent while the page waits
 * @property {HttpLog} httpLog
 */

/**
 * @param {Pick<Run, "id" | "deviceId" | "name" | "service" | "httpLog"> & Partial<Run>} known
 * @returns {Run}
 */
export function newRun(known) {
  return { startedAt: new Date(), entries: [], next: { what: "Waiting for its turn…" }, ...known };
}

/** @param {Run} run */
export const isWaitedFor = ({ outcome }) => outcome === undefined;

/**
 * The run after a wait has begun.
 *
 * @param {Run} run
 * @param {string} what the first step
 * @param {Pick<Entry, "icon" | "title" | "detail">} [entry]
 * @returns {Run}
 */
export function waiting(run, what, entry) {
  const entries = entry === undefined ? run.entries : [...run.entries, newEntry(run, "note", entry)];
  return { ...run, entries, outcome: undefined, endedAt: undefined, next: { what } };
}

/**
 * @param {Run} run
 * @param {ProgressEvent} event
 * @returns {Run}
 */
export function progressed(run, event) {
  return {
    ...run,
    entries: entriesAfter(run, event),
    next: nextAfter(event),
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
    outcome.kind === "stopped" ? [...run.entries, newEntry(run, "note", { icon: "stopped", title: "Stopped waiting" })] : run.entries;
  return { ...run, entries, outcome, endedAt: new Date(), operation: outcome.operation ?? run.operation };
}

/** @param {Run} run @returns {ReportRow} */
export function reportRow({ deviceId, name, operation, location, startedAt, endedAt, outcome }) {
  const error = outcome?.error;
  return {
    deviceId,
    deviceName: name,
    outcome: outcome === undefined ? "Still running" : outcomeTitle(outcome),
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

/** @param {Run} run @param {ProgressEvent} event */
function entriesAfter(run, event) {
  const last = run.entries.at(-1);
  const text = eventText(event);
  if (event.type === "status" && last?.kind === "status" && last.title === text.title) {
    return run.entries.with(-1, { ...last, polls: last.polls + 1, lastPoll: new Date() });
  }
  const entry = newEntry(run, event.type, text);
  if (event.type === "started" || event.type === "attached") entry.facts = whereItIs(run, event.location);
  return [...run.entries, entry];
}

/**
 * The location as Graph sent it and as the package resolved it. They differ, and developers of portals should see how.
 *
 * @param {Run} run
 * @param {string} location
 * @returns {[string, string][]}
 */
function whereItIs({ httpLog }, location) {
  const accepted = httpLog.entries.findLast(({ method, status }) => method === "POST" && status === 202);
  const received = accepted?.responseHeaders.find(([name]) => name.toLowerCase() === "location")?.[1];
  return received === undefined
    ? [["Location", location]]
    : [
        ["Location as received", received],
        ["Location as resolved", location],
      ];
}

/** @param {Run} run @param {string} kind @param {Pick<Entry, "icon" | "title" | "detail">} text @returns {Entry} */
function newEntry({ entries }, kind, text) {
  const now = new Date();
  return { key: entries.length, kind, at: now, polls: 1, lastPoll: now, ...text };
}

/** @param {ProgressEvent} event @returns {Next} */
function nextAfter(event) {
  const now = Date.now();
  if (event.type === "started" || event.type === "attached") return { what: "Polling the operation…" };
  if (event.type === "abandoned") return { what: "Done" };
  if (event.type !== "status") return { what: "Next attempt", due: now + event.retryAfterMs };
  return event.nextPollInMs === undefined ? { what: "Done" } : { what: "Next poll", due: now + event.nextPollInMs };
}
