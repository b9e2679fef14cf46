// @ts-check
// How events are put into words.

/** @import { OperationState, ProgressEvent, RetryEvent, StatusEvent, ThrottledEvent } from "./teams-device-diagnostics.js" */

/** @typedef {{ icon: string, title: string, detail?: string }} Words */

/** @type {Record<OperationState, string>} */
const STATE_DETAILS = {
  queued: "The device has not taken the run yet. It can stay queued for long while it is offline or busy.",
  scheduled: "The run is planned.",
  inProgress: "The device is collecting its logs.",
  successful: "The logs are ready.",
  failed: "The device could not finish the run.",
  cancelled: "The run was cancelled.",
  unknown: "Microsoft does not document this status. It counts as running.",
};

/**
 * @param {ProgressEvent} event
 * @returns {Words}
 */
export function wordsFor(event) {
  switch (event.type) {
    case "started":
      return { icon: "started", title: "Started", detail: event.location };
    case "attached":
      return { icon: "started", title: "Attached", detail: `Diagnostics were already queued for the device: ${event.location}` };
    case "status":
      return { icon: event.state, title: event.status ?? "No status", detail: statusDetail(event) };
    case "throttled":
      return { icon: "throttled", title: "Throttled", detail: `Graph asked for fewer requests (HTTP 429). ${again(event)}` };
    case "retry":
      return { icon: "retry", title: "Trying again", detail: `${failure(event)} ${again(event)}` };
  }
}

/**
 * For example `12 s` or `2 min 5 s`; never less than the time that is left.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${seconds % 60} s` : ""}`;
}

/** @param {StatusEvent} event */
function statusDetail(event) {
  return event.status === undefined ? "Graph answered without a status. It counts as running." : STATE_DETAILS[event.state];
}

/** @param {RetryEvent} event */
function failure(event) {
  return event.statusCode === undefined ? "No answer from Graph." : `Graph answered with HTTP ${event.statusCode}.`;
}

/** @param {RetryEvent | ThrottledEvent} event */
function again(event) {
  const from = event.retryAfterFrom === "header" ? "as its Retry-After says" : "this client's own backoff";
  return `Retry ${event.attempt} in ${duration(event.retryAfterMs)}, ${from}.`;
}
