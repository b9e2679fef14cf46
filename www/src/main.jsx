// Connects the parts of the page: the store, the actions and the views.

import { render } from "preact";
import { Access } from "./access.js";
import { AccessView } from "./access-view.jsx";
import { Actions } from "./actions.js";
import { DevicesView } from "./devices-view.jsx";
import { showDialog } from "./dialogs.jsx";
import { acceptFiles } from "./file-drop.js";
import { keepingFocus } from "./focus.js";
import { tabTitle } from "./messages.js";
import { totals } from "./run-totals.js";
import { showRunDialog } from "./run-view.jsx";
import { Runs } from "./runs.js";
import { PausedView } from "./runs-paused.jsx";
import { ResumableRunsView } from "./runs-resumable.jsx";
import { RunningBar, RunsView } from "./runs-view.jsx";
import { isSimulated, services } from "./service.js";
import { Store } from "./store.js";
import { resumableRuns } from "./resumable-runs.js";

/** @import { State } from "./state.js" */

const TITLE = document.title;

const offered = await services();
const simulated = offered.find(({ baseUrl }) => baseUrl !== undefined);
const left = resumableRuns.all();
const first = offered.find(({ cloud }) => cloud !== undefined && cloud === left[0]?.cloud) ?? offered[0];

const store = new Store(offered, first);
const access = new Access();
const runs = new Runs(store, access);
const actions = new Actions(store, access, runs);

const dialog = /** @type {HTMLDialogElement} */ (part("dialog"));
dialog.addEventListener("close", () => actions.closeDialog());
const runDialog = /** @type {HTMLDialogElement} */ (part("run-dialog"));
runDialog.addEventListener("close", () => store.runs.opened(false));
// Links to a run choose it; its row may not be in the page, because only the visible rows are.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href^='#run-']") : null;
  if (link === null) return;
  event.preventDefault();
  actions.runs.showRun(Number(link.getAttribute("href")?.slice("#run-".length)));
});
/** Narrower than this, the details of a run have no room beside the other parts. */
const narrow = matchMedia("(width < 70rem)");
narrow.addEventListener("change", () => store.runs.widthChanged(narrow.matches));
store.runs.widthChanged(narrow.matches);
acceptFiles(part("devices"), (files) => actions.devices.addFiles(files));

store.show((state) => keepingFocus(() => show(state)));
resume();
if (isSimulated(first)) await actions.devices.readList();

/** @param {State} state */
function show(state) {
  document.title = state.runs.length > 0 ? `${tabTitle(totals(state.runs))} - ${TITLE}` : TITLE;
  part("simulated").hidden = !isSimulated(state.service);
  render(<AccessView state={state} actions={actions} access={access} />, part("access"));
  render(<DevicesView state={state} store={store} actions={actions} />, part("devices-content"));
  render(<ResumableRunsView state={state} actions={actions} />, part("unfinished"));
  render(<RunsView state={state} store={store} actions={actions} />, part("runs-content"));
  render(<PausedView state={state} access={access} actions={actions} />, part("paused"));
  render(<RunningBar runs={state.runs} />, part("running"));
  render(
    state.milestones.map(({ key, text }) => <p key={key}>{text}</p>),
    part("milestones"),
  );
  showRunDialog(runDialog, store, actions);
  showDialog(dialog, store, actions);
}

/** Resumes simulated runs at once, since they accept any token. Others wait for a token. Runs of an ended simulation are forgotten. */
function resume() {
  const isOurs = (/** @type {{ baseUrl?: string }} */ { baseUrl }) => baseUrl !== undefined && baseUrl === simulated?.baseUrl;
  for (const run of left) if (run.baseUrl !== undefined && !isOurs(run)) resumableRuns.forget(run.record.deviceId, run);
  if (simulated !== undefined) runs.resume(left.filter(isOurs), simulated);
  store.runs.resumableFound(left.filter(({ baseUrl }) => baseUrl === undefined));
}

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}
