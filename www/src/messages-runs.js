// Every text about the runs and their history for people, in English. A translation replaces this file.

import { dateTime } from "./format.js";
import { devices, formatted, isOne, plural } from "./messages.js";

/** @import { DeviceEvent, OperationState, RetryEvent, StatusEvent, ThrottledEvent } from "./teams-device-diagnostics.js" */

/** @import { OUTCOMES } from "./messages.js" */

/** @typedef {{ icon: string, title: string, detail?: string }} EventText */

/** What it means that a run ended in a way, and what can be done. @type {Record<keyof typeof OUTCOMES, string>} */
export const MEANINGS = {
  succeeded: "The logs are ready. Download them in the Teams admin center: choose this device there, and then its newest diagnostics.",
  failed: "The device could not finish. Check that it is switched on and online, and run diagnostics again.",
  cancelled: "Somebody, or the device itself, cancelled the run. There are no logs.",
  notStarted: "Nothing runs on the device. You can start again.",
  left: "This page was left before it was the device's turn. Nothing runs on the device.",
  takenBack: "Nothing was sent to the device.",
  conflict: "A device does one thing at a time: follow that run, or start again when it has ended.",
  lost: "The start was sent, but Graph did not confirm it. Look for the run before you start another.",
  gone: "Graph has removed the run from its records. Check the Teams admin center for logs, or run diagnostics again.",
  stillQueued: "The run starts as soon as the device is online again. It was followed for an hour; keep looking for as long as you like.",
  unfollowed: "The run on the device continues. Go on waiting to see how it ends.",
  stopped: "The run on the device continues; only the wait has ended.",
  broken: "This browser or its settings forbid WebAssembly, which the page needs. Use another browser, or ask whoever manages this one.",
};

/** What the run is doing: a word for the table. */
export const STAGES = {
  waiting: { short: "Waiting", icon: "scheduled" },
  starting: { short: "Starting", icon: "started" },
  started: { short: "Started", icon: "started" },
  queued: { short: "Queued", icon: "queued" },
  scheduled: { short: "Scheduled", icon: "scheduled" },
  inProgress: { short: "In progress", icon: "inProgress" },
  unknown: { short: "Running", icon: "inProgress" },
  looking: { short: "Looking", icon: "search" },
  paused: { short: "Paused", icon: "throttled" },
  elsewhere: { short: "In another tab", icon: "inProgress" },
};

/** The buttons for runs. */
export const BUTTONS = {
  runAgain: "Run again",
  runFailedAgain: "Run failed again",
  goOn: "Go on waiting",
  goOnAll: "Go on with all",
  keepLooking: "Keep looking",
  follow: "Follow that run",
  lookFor: "Look for it",
  stop: "Stop waiting",
  stopAll: "Stop all",
  takeBack: "Take back",
  takeBackAll: "Take back what has not started",
  remove: "Remove",
  removeEnded: "Remove ended",
  selectDevices: "Select these devices",
  copyId: "Copy id",
  copyForSupport: "Copy for support",
  code: "Show the code",
  exchange: "HTTP exchange",
  copy: "Copy",
  csv: "Download CSV",
  json: "Download JSON",
};

/** @param {number} number */
export const runs = (number) => plural(number, { one: "run", other: "runs" });

/** Notes in the timeline of a run. */
export const NOTES = {
  startedAgain: "Started again",
  waitingAgain: "Waiting again",
  followingQueued: "Following the run that is queued",
  resumed: "Resumed after a reload",
  takenOver: "Resumed after another tab was closed",
  stopped: "Stopped waiting",
  found: "Found the run",
  noneFound: (/** @type {string} */ at) => `No diagnostics since the start were found at ${at}. If the device does nothing, run again.`,
  notSearched: "The device's operations could not be read.",
};

/** The next step of a run. */
export const STEPS = {
  turn: "Waiting for its turn…",
  starting: "Starting diagnostics…",
  polling: "Asking for the state…",
  looking: "Looking for the run…",
  paused: "Paused. It goes on by itself.",
  done: "Done",
  nextAttempt: "Next attempt",
  nextPoll: "Next poll",
  due: (/** @type {string} */ what, /** @type {string} */ time) => `${what} in ${time}`,
  response: "Waiting for Graph's response…",
};

/** Why runs are paused, above all of them. */
export const PAUSES = {
  signedOut: (/** @type {number} */ number) => `Sign in to go on – ${runs(number)} ${isOne(number) ? "is" : "are"} paused`,
  unauthorized: (/** @type {number} */ number) => `Your sign-in ended – ${runs(number)} ${isOne(number) ? "is" : "are"} paused`,
  offline: (/** @type {number} */ number) => `Waiting for the network – ${runs(number)} ${isOne(number) ? "is" : "are"} paused`,
  mend: "Nothing is lost: everything goes on by itself with another token.",
  afterReload: "This page does not keep tokens over a reload. Nothing is lost: everything goes on by itself with another token.",
  wait: "Nothing is lost: everything goes on by itself when the network is back.",
  paste: "Paste another token",
  signIn: "Sign in again",
};

/** How far the runs are. @param {{ all: number, ended: number, failed: number, timeLeftMs?: number }} totals */
export function progress({ all, ended, failed, timeLeftMs }) {
  const parts = [`${formatted(ended)} of ${formatted(all)} ended`];
  if (failed > 0) parts.push(`${formatted(failed)} failed`);
  if (timeLeftMs !== undefined && ended < all) parts.push(timeLeft(timeLeftMs));
  return parts.join(" · ");
}

/** The title of the tab. @param {{ all: number, ended: number, failed: number }} totals */
export function tabTitle({ all, ended, failed }) {
  return `${formatted(ended)} of ${formatted(all)}${failed > 0 ? ` · ${formatted(failed)} failed` : ""}`;
}

/** @param {number} ms */
function timeLeft(ms) {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return "about a minute left";
  return minutes < 90 ? `about ${formatted(minutes)} min left` : `about ${formatted(Math.round(minutes / 60))} h left`;
}

/** @param {{ all: number, running: number, succeeded: number, failed: number }} counts */
function batchCounts({ all, running, succeeded, failed }) {
  const parts = [runs(all)];
  if (running > 0) parts.push(`${formatted(running)} running`);
  if (succeeded > 0) parts.push(`${formatted(succeeded)} succeeded`);
  if (failed > 0) parts.push(`${formatted(failed)} failed`);
  return parts.join(" · ");
}

/** The texts about the notification of the end. */
export const NOTIFICATION = {
  title: "All runs have ended",
  choice: "Notify me at the end",
  denied: "This browser forbids notifications of this page.",
};

/** The texts of the history. */
export const HISTORY = {
  title: (/** @type {number} */ number) => `History · ${plural(number, { one: "batch", other: "batches" })}`,
  about: "Kept in this browser for thirty days: devices, times and outcomes, but no token.",
  counts: batchCounts,
  report: "Download CSV",
  reportOf: (/** @type {string} */ at) => `Download CSV of ${at}`,
  forget: "Forget",
  forgetOf: (/** @type {string} */ at) => `Forget ${at}`,
  forgetAll: "Forget all that have ended",
  forgotten: (/** @type {number} */ number) => `${plural(number, { one: "batch", other: "batches" })} forgotten.`,
  lost: "This browser keeps nothing at present: leave this page open until the runs have ended.",
  gone: "The address leads to a batch that is not in the history of this browser, or of another account.",
};

/** The other texts of the section. */
export const RUNS = {
  noneShown: "No run has this outcome.",
  all: "All",
  unfinished: "Running",
  show: "Show runs",
  actions: "All runs",
  batch: "Batch",
  allBatches: "All batches",
  startedAt: (/** @type {string} */ time) => `Started at ${time}`,
  running: (/** @type {number} */ number) => `${formatted(number)} running`,
  view: "View",
  table: "Runs",
  columns: { name: "Device", state: "State", since: "Since", duration: "Duration" },
  details: "Details for support",
  otherGraph: "These runs are of another Graph.",
  selected: (/** @type {number} */ number) => `${devices(number)} selected.`,
  failed: (/** @type {number} */ number) => `${runs(number)} failed.`,
  stillRunning: "Still running",
};

export const ADMIN_CENTER = { name: "Teams admin center", url: "https://admin.teams.microsoft.com/" };

/** The details for support, and the lines of the text that is copied for it: the technical facts. */
export const SUPPORT = {
  title: "Microsoft Teams device diagnostics",
  outcome: "Outcome",
  device: "Device",
  deviceId: "Device id",
  status: "Status",
  code: "Code",
  httpStatus: "HTTP status",
  graphCode: "Graph's code",
  message: "Message",
  said: "The device says",
  hint: "Hint",
  mayHaveStarted: "May have started",
  yes: "yes",
  attempts: "Attempts",
  requestId: "request-id",
  clientRequestId: "client-request-id",
  date: "Date",
  location: "Location",
  received: "Location as received",
  resolved: "Location as resolved",
  started: "Started",
  ended: "Ended",
};

export const COPYING = { done: "Copied", button: (/** @type {string} */ what) => `Copy ${what}` };

/** The documents of a run, for developers and for support. */
export const DOCUMENTS = {
  exchange: (/** @type {string} */ name) => `HTTP exchange: ${name}`,
  exchangeAbout:
    "The exchange as this page could see it. Tokens are replaced by [token]. The rest is unchanged, so read it before you send it to anybody.",
  nothingSent: "Nothing has been sent yet.",
  messages: "Requests and responses",
  code: (/** @type {string} */ name) => `The code: ${name}`,
  codeAbout: "The code of this run. The token comes from your own sign-in.",
  codeSimulated: "The code of this run, against the simulated Graph.",
  portal: "TypeScript for a portal",
  node: "TypeScript for Node",
  batch: "The whole batch, as this page runs it",
  /** What the buttons copy. */
  copy: { exchange: "the HTTP exchange", portal: "the code for a portal", node: "the code for Node", batch: "the code for the batch" },
};

export const TIMELINE = {
  name: "Timeline",
  polled: (/** @type {number} */ times, /** @type {string} */ at) => `Polled ${formatted(times)} times, last at ${at}.`,
};

/**
 * A duration, for example `12 s` or `2 min 5 s`, rounded up.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
}

/** The texts of the details of a run. */
export const DETAILS = {
  progress: "Progress",
  elsewhere: "Another tab of this page follows this run. If that tab is closed, this one goes on.",
  maybeOwn: "It may be this very run: browsers can send a start twice.",
  completed: (/** @type {string} */ at) => `Completed ${at}.`,
  deviceSays: (/** @type {string} */ text) => `The device says: ${text}`,
};

/** Who queued the operation that is in the way. @param {import("./teams-device-diagnostics.js").TeamworkDeviceOperation | undefined} operation */
export function queuedBy(operation) {
  if (operation === undefined) return "Another operation is queued for this device, and Graph does not say which.";
  const who = operation.createdBy?.user?.displayName ?? operation.createdBy?.application?.displayName;
  const what = operation.operationType === "deviceDiagnostics" ? "Diagnostics" : (operation.operationType ?? "An operation");
  const by = who ? ` by ${who}` : "";
  const on = operation.createdDateTime ? ` on ${dateTime(operation.createdDateTime)}` : "";
  return `${what} of this device: queued${by}${on}, now ${operation.status ?? "in an unknown state"}.`;
}

/** @type {Record<OperationState, string>} */
const STATE_DETAILS = {
  queued: "The device has not accepted the run yet. While it is offline or busy, the run can stay queued for a long time.",
  scheduled: "The device will run it.",
  inProgress: "The device is collecting its logs.",
  successful: "The logs are ready.",
  failed: "The device could not finish the run.",
  cancelled: "The run was cancelled.",
  unknown: "Microsoft does not document this status. It counts as running.",
};

/**
 * @param {DeviceEvent} event
 * @returns {EventText}
 */
export function eventText(event) {
  switch (event.type) {
    case "started":
      return { icon: "started", title: "Started" };
    case "attached":
      return { icon: "started", title: "Attached", detail: "Diagnostics were already queued for the device." };
    case "status":
      return { icon: event.state, title: event.status ?? "No status", detail: statusDetail(event) };
    case "throttled":
      return { icon: "throttled", title: "Throttled", detail: `Graph wants fewer requests. ${again(event)}` };
    case "retry":
      return { icon: "retry", title: "Retrying", detail: `${failure(event)} ${again(event)}` };
  }
}

/** @param {StatusEvent} event */
function statusDetail(event) {
  return event.status === undefined ? "Graph's response has no status. It counts as running." : STATE_DETAILS[event.state];
}

/** @param {RetryEvent} event */
function failure(event) {
  return event.statusCode === undefined ? "No response from Graph." : "Graph gave no usable answer.";
}

/** @param {RetryEvent | ThrottledEvent} event */
function again({ attempt, retryAfterFrom, retryAfterMs }) {
  const wait = duration(retryAfterMs);
  return retryAfterFrom === "header"
    ? `Graph asks to wait: retry ${formatted(attempt)} in ${wait}.`
    : `Graph does not say how long to wait: retry ${formatted(attempt)} in ${wait}.`;
}
