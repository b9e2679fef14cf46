// What events and results say, in one line each.
import { inOwnWords } from "./hint.js";
import { OUTCOMES, lengthOf } from "./words.js";

/** @import { DeviceResult, FleetProgressEvent } from "teams-device-diagnostics/fleet" */

/** Whether an event changes what a person sees: a poll that finds the same status does not. @param {FleetProgressEvent} event */
export function isNews(event) {
  if (event.type === "fleet") return false;
  return event.type !== "status" || event.status !== event.previousStatus || event.previousStatus === undefined;
}

/** @param {FleetProgressEvent} event safe for a terminal */
export function eventText(event) {
  switch (event.type) {
    case "started":
      return event.recovered ? "started; its response was lost, and the run was found" : "started";
    case "attached":
      return "follows diagnostics that were already queued";
    case "status":
      return event.status ?? event.state;
    case "retry":
      return `retry ${event.attempt} in ${lengthOf(event.retryAfterMs)}${event.statusCode ? ` (${event.statusCode})` : " (no response)"}`;
    case "throttled":
      return `Graph limits requests: retry ${event.attempt} in ${lengthOf(event.retryAfterMs)} (429)`;
    case "paused":
      return pauseText(event);
    default:
      return "";
  }
}

/** @param {{ reason: string, error?: { message: string } | undefined }} paused */
export function pauseText({ reason, error }) {
  if (reason === "offline") return "paused: this computer is offline";
  return `paused until there is another token: ${inOwnWords(error?.message ?? "the token was refused")}`;
}

/** @param {DeviceResult} result safe for a terminal */
export function resultText({ outcome, error, startedAt, endedAt }) {
  const took = startedAt && endedAt && outcome === "successful" ? ` after ${lengthOf(Date.parse(endedAt) - Date.parse(startedAt))}` : "";
  return error ? `${OUTCOMES[outcome]}: ${inOwnWords(error.message)}` : `${OUTCOMES[outcome]}${took}`;
}
