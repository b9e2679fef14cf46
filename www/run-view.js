// The view of one run: its outcome or next step, its timeline, and its actions.

import { h, icon, memoised } from "./dom.js";
import { outcomeKind } from "./outcome.js";
import { isSimulated } from "./service.js";
import { timeline } from "./timeline.js";
import { clock, dateTime } from "./format.js";

/** @import { Actions } from "./actions.js" */
/** @import { Child } from "./dom.js" */
/** @import { DiagnosticsError } from "./teams-device-diagnostics.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Run } from "./run.js" */

/** The start page, because no URL of the logs of one device is documented. */
const ADMIN_CENTER = "https://admin.teams.microsoft.com/";

const CONFLICT = "A device does one thing at a time: follow that run, or start again when it has ended.";

export const runView = memoised(
  /** @param {Run} run @param {boolean} withTimeline @param {string | undefined} copied @param {Actions} actions */
  (run, withTimeline, copied, actions) =>
    h(
      "article",
      { class: "run", key: run.id, id: `run-${run.id}`, "aria-labelledby": `run-${run.id}-name`, tabindex: -1 },
      h(
        "header",
        {},
        h("h3", { id: `run-${run.id}-name` }, run.name),
        isSimulated(run.service) && h("span", { class: "tag", key: "simulated" }, "Simulated"),
        h(
          "p",
          { class: "about" },
          !run.name.endsWith(run.deviceId) && h("code", {}, run.deviceId),
          h("span", {}, `Since ${clock(run.startedAt)}${run.endedAt === undefined ? "" : `, until ${clock(run.endedAt)}`}`),
        ),
      ),
      run.outcome === undefined ? progress(run) : outcome(run.outcome),
      withTimeline && run.entries.length > 0 && timeline(run),
      buttons(run, copied, actions),
    ),
  ({ id }) => id,
);

/** @param {Run} run */
function progress({ next }) {
  return h(
    "div",
    { class: "progress", key: "progress" },
    h("progress", { "aria-label": "Progress" }),
    next.due === undefined
      ? h("p", { key: "now" }, next.what)
      : h("p", { key: "next", "data-due": next.due, "data-what": next.what, opaque: true }),
  );
}

/** @param {Outcome} outcome */
function outcome(outcome) {
  const { title, icon: name, tone } = outcomeKind(outcome);
  return h(
    "div",
    { class: `outcome ${tone}`, key: "outcome" },
    h("h4", { tabindex: -1, "data-focus-fallback": true }, icon(name), title),
    whatItMeans(outcome),
    outcome.error !== undefined && facts(outcome.error),
  );
}

/** @param {Outcome} outcome @returns {Child[]} */
function whatItMeans({ kind, error, message, location, operation }) {
  switch (kind) {
    case "succeeded":
      return [
        h(
          "p",
          { key: "logs" },
          "The logs are ready. Download them in the ",
          adminCenter(),
          ": choose this device there, and then its newest diagnostics. Graph does not return the logs.",
        ),
        operation?.completedDateTime && h("p", { class: "about", key: "when" }, `Completed ${dateTime(operation.completedDateTime)}.`),
      ];
    case "stopped":
      return [
        h(
          "p",
          { key: "goes-on" },
          ...(location === undefined
            ? ["Graph may have accepted the run. Check the ", adminCenter(), " before you start another."]
            : ["The run on the device continues; only the wait has ended."]),
        ),
      ];
    case "conflict":
      return [h("p", { key: "who" }, queuedBy(error)), sentence("then", CONFLICT)];
    default:
      return [
        sentence("message", error?.message ?? message),
        deviceSays(kind, error),
        sentence("hint", error?.hint),
        error?.mayHaveStarted &&
          h(
            "p",
            { class: "message warn", key: "may" },
            icon("warning"),
            h("span", {}, "The run may be under way on the device. Check the ", adminCenter(), " before you start another."),
          ),
      ];
  }
}

/** @param {DiagnosticsError | undefined} error */
function queuedBy(error) {
  const operation = error?.operation;
  if (operation === undefined) return "Another operation is queued for this device, and Graph does not say which.";
  const who = operation.createdBy?.user?.displayName ?? operation.createdBy?.application?.displayName;
  const what = operation.operationType === "deviceDiagnostics" ? "Diagnostics" : (operation.operationType ?? "An operation");
  const by = who ? ` by ${who}` : "";
  const on = operation.createdDateTime ? ` on ${dateTime(operation.createdDateTime)}` : "";
  return `${what} of this device: queued${by}${on}, now ${operation.status ?? "in an unknown state"}.`;
}

/**
 * The error that the device reported, unless the message of the error contains it.
 *
 * @param {Outcome["kind"]} kind
 * @param {DiagnosticsError | undefined} error
 */
function deviceSays(kind, error) {
  const said = error?.operation?.error;
  if (kind !== "failed" || !said?.message || error?.message.includes(said.message)) return false;
  return h("p", { key: "device" }, `The device says: ${[said.code, said.message].filter(Boolean).join(": ")}`);
}

/** The details that Microsoft's support asks for. @param {DiagnosticsError} error */
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
  return h(
    "dl",
    { key: "facts" },
    known.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

/** @param {Run} run @param {string | undefined} copied @param {Actions} actions */
function buttons({ id, outcome }, copied, actions) {
  const kind = outcome?.kind;
  const button = (/** @type {string} */ name, /** @type {() => void} */ onclick, /** @type {string} */ style = "") =>
    h("button", { type: "button", key: name, class: style, onclick }, name);
  return h(
    "div",
    { class: "buttons", key: "buttons" },
    kind === undefined && button("Stop waiting", () => actions.stop(id)),
    kind === "conflict" && outcome?.location !== undefined && button("Follow that run", () => actions.goOn(id), "primary"),
    (kind === "stopped" || kind === "unknown" || kind === "broken") &&
      outcome?.location !== undefined &&
      button("Go on waiting", () => actions.goOn(id), "primary"),
    (kind === "failed" || kind === "cancelled" || kind === "notStarted") && button("Run again", () => actions.runAgain(id)),
    outcome?.error !== undefined && button("Copy for support", () => actions.copyForSupport(id)),
    copied === `support-${id}` && h("span", { class: "copied", key: "copied" }, icon("successful"), "Copied"),
    button("Show the code", () => actions.show({ kind: "code", run: id })),
    button("HTTP exchange", () => actions.show({ kind: "httpLog", run: id })),
    kind !== undefined && button("Remove", () => actions.remove(id)),
  );
}

/** @param {string} key @param {string | undefined} text */
const sentence = (key, text) => Boolean(text) && h("p", { key }, text);

const adminCenter = () => h("a", { href: ADMIN_CENTER, target: "_blank", rel: "noreferrer" }, "Teams admin center");
