// Connects the parts of the page: the store, the actions and the views.

import { Access } from "./access.js";
import { accessView } from "./access-view.js";
import { Actions } from "./actions.js";
import { startClock, updateTimes } from "./countdown.js";
import { devicesView } from "./devices-view.js";
import { h, render } from "./dom.js";
import { acceptFiles } from "./file-drop.js";
import { keepingFocus } from "./focus.js";
import { isWaitedFor } from "./run.js";
import { Runs } from "./runs.js";
import { reportView, resumableRunsView, runsView } from "./runs-view.js";
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

/** @type {typeof import("./dialogs.js") | undefined} */
let dialogs;
const dialog = /** @type {HTMLDialogElement} */ (part("dialog"));
dialog.addEventListener("close", () => actions.closeDialog());
acceptFiles(part("devices"), (file) => actions.addFile(file));

if (simulated !== undefined) {
  const known = await tenants(simulated);
  if (known !== undefined) store.tenantsRead(known);
}
store.show((state) => keepingFocus(() => show(state)));
startClock();
resume();
if (isSimulated(first)) await actions.readList();

/** @param {State} state */
function show(state) {
  const running = state.runs.filter(isWaitedFor).length;
  document.title = running > 0 ? `${running} running - ${TITLE}` : TITLE;
  part("simulated").hidden = !isSimulated(state.service);
  render(part("access"), accessView(state, actions, access));
  render(part("devices-content"), devicesView(state, store, actions));
  render(part("unfinished"), resumableRunsView(state, actions));
  render(part("runs-content"), runsView(state, store, actions));
  render(part("report"), reportView(state, actions));
  render(
    part("milestones"),
    state.milestones.map(({ key, text }) => h("p", { key }, text)),
  );
  if (state.dialog !== undefined || dialog.hasChildNodes()) showDialog();
  updateTimes();
}

/** Shows the dialog. The dialogs are downloaded when one is first needed. */
function showDialog() {
  if (dialogs !== undefined) return dialogs.showDialog(dialog, store.state, store, actions);
  import("./dialogs.js").then(
    (loaded) => {
      dialogs = loaded;
      showDialog();
    },
    () => {
      actions.closeDialog();
      store.announced("That could not be downloaded.");
    },
  );
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
