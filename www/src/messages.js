// Every text about runs for people, in English: titles, sentences and buttons. A translation replaces this file.

import { dateTime, duration } from "./format.js";

/** @import { DeviceEvent, OperationState, RetryEvent, StatusEvent, ThrottledEvent } from "./teams-device-diagnostics.js" */

/** @typedef {{ icon: string, title: string, detail?: string }} EventText */

/** @typedef {{ title: string, text: string }} CodeText */

/** How a run ended: a title for its heading, a short one for the table, and what it means. */
export const OUTCOMES = {
  succeeded: {
    title: "Diagnostics succeeded",
    short: "Succeeded",
    icon: "successful",
    tone: "good",
    text: "The logs are ready. Download them in the Teams admin center: choose this device there, and then its newest diagnostics.",
  },
  failed: {
    title: "Diagnostics failed",
    short: "Failed",
    icon: "failed",
    tone: "bad",
    text: "The device could not finish. Check that it is switched on and online, and run diagnostics again.",
  },
  cancelled: {
    title: "Diagnostics were cancelled",
    short: "Cancelled",
    icon: "cancelled",
    tone: "warn",
    text: "Somebody, or the device itself, cancelled the run. There are no logs.",
  },
  notStarted: {
    title: "Diagnostics were not started",
    short: "Not started",
    icon: "failed",
    tone: "bad",
    text: "Nothing runs on the device. You can start again.",
  },
  left: {
    title: "Diagnostics were not started",
    short: "Not started yet",
    icon: "stopped",
    tone: "warn",
    text: "This page was left before it was the device's turn. Nothing runs on the device.",
  },
  takenBack: {
    title: "Diagnostics were taken back",
    short: "Taken back",
    icon: "stopped",
    tone: "quiet",
    text: "Nothing was sent to the device.",
  },
  conflict: {
    title: "An operation is already queued",
    short: "Already queued",
    icon: "queued",
    tone: "warn",
    text: "A device does one thing at a time: follow that run, or start again when it has ended.",
  },
  lost: {
    title: "The run may be under way",
    short: "May be under way",
    icon: "unknown",
    tone: "warn",
    text: "The start was sent, but Graph did not confirm it. Look for the run before you start another.",
  },
  gone: {
    title: "Graph no longer knows the run",
    short: "No longer known",
    icon: "unknown",
    tone: "warn",
    text: "Graph has removed the run from its records. Check the Teams admin center for logs, or run diagnostics again.",
  },
  stillQueued: {
    title: "Still queued – the device has not come back",
    short: "Still queued",
    icon: "queued",
    tone: "warn",
    text: "The run starts as soon as the device is online again. It was followed for an hour; keep looking for as long as you like.",
  },
  unfollowed: {
    title: "The run continues, but is not followed",
    short: "Not followed",
    icon: "notice",
    tone: "warn",
    text: "The run on the device continues. Go on waiting to see how it ends.",
  },
  stopped: {
    title: "You stopped waiting",
    short: "Stopped waiting",
    icon: "stopped",
    tone: "quiet",
    text: "The run on the device continues; only the wait has ended.",
  },
  broken: {
    title: "This page does not work here",
    short: "Broken",
    icon: "failed",
    tone: "bad",
    text: "This browser or its settings forbid WebAssembly, which the page needs. Use another browser, or ask whoever manages this one.",
  },
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

/** Why a run was not started, cannot be followed, or is not known, by the code of the library. @type {Record<string, CodeText>} */
const CODES = {
  forbidden: {
    title: "No permission",
    text: "This account may not do that. It needs the permission TeamworkDevice.ReadWrite.All with an administrator's consent, a role such as Teams Administrator, and the tenant a licence for the device.",
  },
  unauthorized: { title: "The sign-in is not accepted", text: "Paste a new access token, or sign in again." },
  notFound: {
    title: "The device is not known",
    text: "Graph knows no such device, or has withdrawn this API for the tenant. Check the id, or list the devices again.",
  },
  throttled: { title: "Too many requests", text: "Graph asks to wait. Try again in some minutes." },
  serviceError: { title: "Graph has a problem", text: "Graph could not do it at the moment. Try again later." },
  network: { title: "No connection", text: "Graph did not respond. Check the network, and try again." },
  timeout: { title: "No response in time", text: "Graph took too long. Check the network, and try again." },
  operationTimeout: { title: "The time is up", text: "It took longer than an hour." },
  protocol: {
    title: "An answer nobody understands",
    text: "Graph's answer cannot be used. If that happens again, send the details to support.",
  },
  untrustedLocation: {
    title: "An answer that leads elsewhere",
    text: "Graph's answer names another server. Nothing was sent there. Something between this computer and Graph may change the answers.",
  },
  invalidArgument: { title: "The id is not valid", text: "This is no id of a device. Check it, and add it again." },
  internal: { title: "A defect of this page", text: "Reload the page. If that happens again, send the details to support." },
};

/** @param {string | undefined} code of a DiagnosticsError @returns {CodeText | undefined} */
export const codeText = (code) => (code !== undefined && Object.hasOwn(CODES, code) ? CODES[code] : undefined);

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
  csv: "Download CSV",
  json: "Download JSON",
};

const numbers = new Intl.NumberFormat("en");
const plurals = new Intl.PluralRules("en");

/** @param {number} number */
export const formatted = (number) => numbers.format(number);

/** A number with its noun. @param {number} number @param {{ one: string, other: string }} noun */
const plural = (number, noun) => `${formatted(number)} ${plurals.select(number) === "one" ? noun.one : noun.other}`;

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
};

/** Why runs are paused, above all of them. */
export const PAUSES = {
  signedOut: (/** @type {number} */ number) =>
    `Sign in to go on – ${runs(number)} ${plurals.select(number) === "one" ? "is" : "are"} paused`,
  unauthorized: (/** @type {number} */ number) =>
    `Your sign-in ended – ${runs(number)} ${plurals.select(number) === "one" ? "is" : "are"} paused`,
  offline: (/** @type {number} */ number) =>
    `Waiting for the network – ${runs(number)} ${plurals.select(number) === "one" ? "is" : "are"} paused`,
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
  reportOf: (/** @type {string} */ at) => `Download the report of ${at}`,
  forget: "Forget",
  forgetOf: (/** @type {string} */ at) => `Forget ${at}`,
  forgetAll: "Forget all that have ended",
  forgotten: (/** @type {number} */ number) => `${plural(number, { one: "batch", other: "batches" })} forgotten.`,
  gone: "The address leads to a batch that is not in the history of this browser, or of another account.",
};

/** The other texts of the section. */
export const RUNS = {
  none: "Nothing has been run yet",
  how: "Choose one device or several, and press Run diagnostics. Each run is followed here until its logs are ready.",
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
  close: "Close",
};

export const ADMIN_CENTER = { name: "Teams admin center", url: "https://admin.teams.microsoft.com/" };

/** The texts of the details of a run. */
export const DETAILS = {
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
      return { icon: "throttled", title: "Throttled", detail: `Graph wants fewer requests (HTTP 429). ${again(event)}` };
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
  return event.statusCode === undefined ? "No response from Graph." : `Graph responded with HTTP ${event.statusCode}.`;
}

/** @param {RetryEvent | ThrottledEvent} event */
function again({ attempt, retryAfterFrom, retryAfterMs }) {
  const wait = duration(retryAfterMs);
  return retryAfterFrom === "header"
    ? `Graph requested a delay: retry ${attempt} in ${wait}.`
    : `Graph sent no Retry-After that a page can read; backing off: retry ${attempt} in ${wait}.`;
}
