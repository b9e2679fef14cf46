// The view of all runs: those that wait for a token after a reload, a summary, each run, and the report.

import { h, icon } from "./dom.js";
import { outcomeKind } from "./outcome.js";
import { runView } from "./run-view.js";
import { count } from "./format.js";

/** @import { Actions } from "./actions.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { State, Store } from "./store.js" */
/** @import { ResumableRun } from "./resumable-runs.js" */

/** @param {State} state @param {Store} store @param {Actions} actions */
export function runsView(state, store, actions) {
  const { runs, timelines, copied } = state;
  if (runs.length === 0) {
    return [
      h(
        "div",
        { class: "message quiet", key: "none" },
        icon("started"),
        h(
          "div",
          {},
          h("h3", {}, "Nothing has been run yet"),
          h("p", {}, "Choose one device or several, and press Run diagnostics. Each run is followed here until its logs are ready."),
        ),
      ),
    ];
  }
  return [
    h(
      "div",
      { class: "overview", key: "overview" },
      h("p", {}, overview(runs)),
      h(
        "button",
        {
          type: "button",
          class: "subtle",
          "aria-pressed": String(!timelines),
          onclick: () => store.timelinesToggled(),
        },
        "Hide timelines",
      ),
    ),
    ...runs.map((run) => runView(run, timelines, copied === `support-${run.id}` ? copied : undefined, actions)),
  ];
}

/** @param {State} state @param {Actions} actions */
export function reportView({ runs }, actions) {
  const these = runs.length === 1 ? "this run" : `these ${runs.length} runs`;
  return (
    runs.length > 0 &&
    h(
      "section",
      { class: "card", key: "report", "aria-labelledby": "report-heading", tabindex: -1 },
      h("h2", { id: "report-heading" }, "Report"),
      h("p", { class: "about" }, `The report of ${these}: device, outcome, times, request ids. It contains no token.`),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", onclick: () => actions.download("csv") }, icon("download"), "Download CSV"),
        h("button", { type: "button", onclick: () => actions.download("json") }, icon("download"), "Download JSON"),
      ),
    )
  );
}

/** @param {State} state @param {Actions} actions */
export function resumableRunsView({ resumableRuns, service, services }, actions) {
  if (resumableRuns.length === 0) return false;
  const ours = resumableRuns.filter(({ cloud }) => cloud === service.cloud);
  const others = resumableRuns.filter((run) => !ours.includes(run));
  return h(
    "section",
    { class: "card unfinished", key: "unfinished", "aria-labelledby": "unfinished-heading", tabindex: -1 },
    h("h2", { id: "unfinished-heading" }, icon("retry"), "Unfinished runs"),
    ours.length > 0 && resumableHere(ours, actions),
    others.length > 0 &&
      h("p", { key: "others" }, `${count(others.length, "run")} of another Graph: to continue, choose ${titles(others, services)} above.`),
  );
}

/** @param {ResumableRun[]} left @param {Actions} actions */
function resumableHere(left, actions) {
  const those = left.length === 1 ? "A run was" : `${left.length} runs were`;
  return [
    h("p", { key: "ours" }, `${those} not finished when this page was left. Tokens are not kept: paste one, or sign in again.`),
    h(
      "ul",
      { key: "names" },
      left.map(({ location, deviceId, deviceName }) => h("li", { key: location }, deviceName ?? deviceId)),
    ),
    h(
      "button",
      { type: "button", class: "primary", key: "go-on", onclick: () => actions.resume() },
      `Go on with ${count(left.length, "run")}`,
    ),
  ];
}

/** @param {ResumableRun[]} left @param {Service[]} services */
function titles(left, services) {
  const clouds = new Set(left.map(({ cloud }) => cloud));
  return services
    .filter(({ cloud }) => clouds.has(cloud))
    .map(({ title }) => title)
    .join(", ");
}

/** A summary, for example "2 running, 1 succeeded". @param {Run[]} runs */
function overview(runs) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const { outcome } of runs) {
    const word = outcome === undefined ? "running" : outcomeKind(outcome).short.toLowerCase();
    times.set(word, (times.get(word) ?? 0) + 1);
  }
  return [...times].map(([word, number]) => `${number} ${word}`).join(", ");
}
