// @ts-check
// The view of how a run ended, and of what to do then.

import { element, icon } from "./dom.js";

/** @import { DiagnosticsError } from "./teams-device-diagnostics.js" */
/** @import { Outcome } from "./run.js" */

/** The only link there is: no address that leads to the logs of one device is documented. */
const ADMIN_CENTER = "https://admin.teams.microsoft.com/";

/**
 * What a person is told, and the location that can still be waited for. The name is that of an icon, and of its colour.
 *
 * @typedef {{ name: string, title: string, body: Node[], location?: string }} View
 */

/**
 * @param {HTMLElement} panel
 * @param {Outcome} outcome
 * @param {(location: string) => void} goOnWaiting
 * @returns {string} the outcome in one sentence
 */
export function showOutcome(panel, outcome, goOnWaiting) {
  const { name, title, body, location } = view(outcome);
  panel.replaceChildren(element("h3", {}, icon(name), title), ...body);
  if (location !== undefined) {
    panel.append(element("button", { type: "button", onclick: () => goOnWaiting(location) }, "Go on waiting"));
  }
  panel.dataset.outcome = name;
  panel.hidden = false;
  return title;
}

/**
 * @param {Outcome} outcome
 * @returns {View}
 */
function view(outcome) {
  const { location } = outcome;
  switch (outcome.kind) {
    case "successful":
      return { name: "successful", title: "Diagnostics succeeded", body: [handOver()] };
    case "failed":
      return { ...failure(outcome.error, location), body: failureBody(outcome.error) };
    case "stopped":
      return { name: "stopped", title: "You stopped waiting", body: [stillRunning(location)], location };
    case "broken":
      return { name: "failed", title: "This page does not work here", body: [element("p", {}, outcome.message)], location };
  }
}

function handOver() {
  return element("p", {}, "The logs can be downloaded in the ", adminCenter(), ". Graph does not return them.");
}

/** @param {string | undefined} location */
function stillRunning(location) {
  return location === undefined
    ? element("p", {}, "Graph may have taken the run all the same. Look in the ", adminCenter(), " before you start another.")
    : element("p", {}, "The run on the device goes on.");
}

/**
 * @param {DiagnosticsError} error
 * @param {string | undefined} location
 * @returns {Omit<View, "body">}
 */
function failure({ code, mayHaveStarted }, location) {
  if (code === "operationFailed") return { name: "failed", title: "Diagnostics failed" };
  if (code === "operationCancelled") return { name: "cancelled", title: "Diagnostics were cancelled" };
  if (location === undefined && !mayHaveStarted) return { name: "failed", title: "Diagnostics were not started" };
  return { name: "warning", title: "The outcome is not known", location };
}

/** @param {DiagnosticsError} error */
function failureBody(error) {
  const body = [element("p", {}, error.message)];
  if (error.hint) body.push(element("p", {}, error.hint));
  if (error.mayHaveStarted) body.push(mayHaveStarted());
  return [...body, facts(error)];
}

function mayHaveStarted() {
  return element("p", { className: "warning" }, icon("warning"),
    element("span", {}, "The run may be under way on the device all the same. Look in the ", adminCenter(), " before you start another."));
}

/**
 * What Microsoft's support asks for.
 *
 * @param {DiagnosticsError} error
 */
function facts(error) {
  /** @type {[string, string | number | undefined][]} */
  const rows = [
    ["Code", error.code],
    ["HTTP status", error.statusCode],
    ["Graph's code", error.graphCode],
    ["request-id", error.requestId],
    ["client-request-id", error.clientRequestId],
    ["Date", error.date],
    ["Location", error.location],
  ];
  const known = rows.filter(([, value]) => value !== undefined && value !== "");
  return element("dl", {}, ...known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
}

function adminCenter() {
  return element("a", { href: ADMIN_CENTER, target: "_blank", rel: "noreferrer" }, "Teams admin center");
}
