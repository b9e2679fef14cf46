// Connects the parts of the page: the store, the actions and the views.

import { render } from "preact";
import { Access } from "./access.js";
import { AccessView } from "./access-view.jsx";
import { Actions } from "./actions.js";
import { DevicesView } from "./devices-view.jsx";
import { showDialog } from "./dialogs.jsx";
import { acceptFiles } from "./file-drop.js";
import { keepingFocus } from "./focus.js";
import { isWaitedFor } from "./run.js";
import { Runs } from "./runs.js";
import { ReportView, ResumableRunsView, RunsView } from "./runs-view.jsx";
import { isSimulated, services } from "./service.js";
import { tenants } from "./simulation.js";
import { Store } from "./store.js";
import { resumableRuns } from "./resumable-runs.js";

/** @import { State } from "./store.js" */

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
acceptFiles(part("devices"), (files) => actions.addFiles(files));

if (simulated !== undefined) {
  const known = await tenants(simulated);
  if (known !== undefined) store.tenantsRead(known);
}
store.show((state) => keepingFocus(() => show(state)));
resume();
if (isSimulated(first)) await actions.readList();

/** @param {State} state */
function show(state) {
  const running = state.runs.filter(isWaitedFor).length;
  document.title = running > 0 ? `${running} running - ${TITLE}` : TITLE;
  part("simulated").hidden = !isSimulated(state.service);
  render(<AccessView state={state} actions={actions} access={access} />, part("access"));
  render(<DevicesView state={state} store={store} actions={actions} />, part("devices-content"));
  render(<ResumableRunsView state={state} actions={actions} />, part("unfinished"));
  render(<RunsView state={state} store={store} actions={actions} />, part("runs-content"));
  render(<ReportView runs={state.runs} actions={actions} />, part("report"));
  render(
    state.milestones.map(({ key, text }) => <p key={key}>{text}</p>),
    part("milestones"),
  );
  showDialog(dialog, store, actions);
}

/** Resumes simulated runs at once, since they accept any token. Others wait for a token. Runs of an ended simulation are forgotten. */
function resume() {
  const isOurs = (/** @type {{ baseUrl?: string }} */ { baseUrl }) => baseUrl !== undefined && baseUrl === simulated?.baseUrl;
  for (const run of left) if (run.baseUrl !== undefined && !isOurs(run)) resumableRuns.forget(run.location);
  if (simulated !== undefined) runs.resume(left.filter(isOurs), simulated);
  store.resumableRunsFound(left.filter(({ baseUrl }) => baseUrl === undefined));
}

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}
