// @ts-check
// Wires the page together: the form starts a run, its events go to the timeline, its end to the outcome.

import { byId } from "./dom.js";
import { showOutcome } from "./outcome.js";
import { Run } from "./run.js";
import { isSimulated, offerSimulator, service } from "./service.js";
import { Timeline } from "./timeline.js";

/** @import { DiagnosticsError, ProgressEvent } from "./teams-device-diagnostics.js" */
/** @import { Outcome } from "./run.js" */

const fields = { token: byId("token", HTMLInputElement), deviceId: byId("deviceId", HTMLInputElement) };
const cloud = byId("cloud", HTMLSelectElement);
const runButton = byId("run", HTMLButtonElement);
const cancelButton = byId("cancel", HTMLButtonElement);
const progress = byId("progress", HTMLElement);
const noRun = byId("no-run", HTMLElement);
const outcomePanel = byId("outcome", HTMLElement);
const announcement = byId("announcement", HTMLElement);
const timeline = new Timeline(byId("timeline", HTMLOListElement), byId("next", HTMLElement));

/** The run that is waited for. @type {Run | undefined} */
let waiting;

byId("form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  if (waiting === undefined) start();
});
cancelButton.addEventListener("click", () => waiting?.stopWaiting());
cloud.addEventListener("change", () => {
  byId("simulated-about", HTMLElement).hidden = !isSimulated(cloud.value);
});
await offerSimulator(cloud);

function start() {
  const run = new Run(fields.deviceId.value, service(cloud.value), showProgress);
  timeline.clear();
  outcomePanel.replaceChildren();
  timeline.now("Asking Graph to start diagnostics…");
  follow(run, run.start(fields.token.value));
}

/**
 * Follows a run from here to its outcome.
 *
 * @param {Run} run
 * @param {Promise<Outcome>} call
 */
async function follow(run, call) {
  clearFieldErrors();
  noRun.hidden = true;
  outcomePanel.hidden = true;
  setWaiting(run);
  progress.scrollIntoView({ block: "nearest" });
  try {
    showEnd(run, await call);
  } finally {
    timeline.now("");
    setWaiting(undefined);
  }
}

/** @param {ProgressEvent} event */
function showProgress(event) {
  const words = timeline.show(event);
  if (words !== undefined) announce(event.type === "started" ? words.title : `${words.title}. ${words.detail}`);
}

/**
 * @param {Run} run
 * @param {Outcome} outcome
 */
function showEnd(run, outcome) {
  if (outcome.kind === "failed" && showFieldError(outcome.error)) return showWhatWasBefore();
  if (outcome.kind === "stopped") timeline.add({ icon: "stopped", title: "Stopped waiting" });
  announce(showOutcome(outcomePanel, outcome, (location) => {
    timeline.now("Looking at the operation…");
    follow(run, run.goOnWaiting(location, fields.token.value));
    cancelButton.focus({ preventScroll: true });
  }));
  outcomePanel.scrollIntoView({ block: "nearest" });
}

/** Nothing was sent, so an earlier outcome still holds, with its button to go on. */
function showWhatWasBefore() {
  outcomePanel.hidden = outcomePanel.childElementCount === 0;
  noRun.hidden = !outcomePanel.hidden;
}

/**
 * Shows an `invalidArgument` beside the field that its message begins with.
 *
 * @param {DiagnosticsError} error
 * @returns {boolean} whether there is such a field
 */
function showFieldError(error) {
  if (error.code !== "invalidArgument") return false;
  const text = error.message.replace(/^options\./, "");
  const named = Object.values(fields).find(({ id }) => text.startsWith(`${id} `));
  if (named === undefined) return false;
  const message = byId(`${named.id}-error`, HTMLElement);
  message.textContent = text.replace(named.id, named.labels?.[0].textContent ?? named.id);
  message.hidden = false;
  named.setAttribute("aria-invalid", "true");
  named.focus();
  return true;
}

function clearFieldErrors() {
  for (const field of Object.values(fields)) {
    byId(`${field.id}-error`, HTMLElement).hidden = true;
    field.removeAttribute("aria-invalid");
  }
}

/**
 * The Run button keeps its place and the focus while it has nothing to do. The Cancel button goes; when it had the focus, the
 * outcome gets it.
 *
 * @param {Run | undefined} run
 */
function setWaiting(run) {
  const cancelHadFocus = document.activeElement === cancelButton;
  waiting = run;
  runButton.setAttribute("aria-disabled", String(run !== undefined));
  cancelButton.hidden = run === undefined;
  if (cancelHadFocus && run === undefined) outcomePanel.focus();
}

/** @param {string} text */
function announce(text) {
  announcement.textContent = text;
}
