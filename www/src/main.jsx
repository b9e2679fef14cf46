// Connects the parts of the page: the store, the actions and the views.

import { render } from "preact";
import { Access } from "./access.js";
import { AccessView } from "./access-view.jsx";
import { Actions } from "./actions.js";
import { DeviceLocks } from "./device-locks.js";
import { knownApplications } from "./applications.js";
import { DevicesView } from "./devices-view.jsx";
import { showDialog } from "./dialogs.jsx";
import { acceptFiles } from "./file-drop.js";
import { keepingFocus } from "./focus.js";
import { History } from "./history.js";
import { tabTitle } from "./messages.js";
import { PastBatches } from "./past-batches.js";
import { linkIn, writeAddress } from "./run-links.js";
import { totals } from "./run-totals.js";
import { showRunDialog } from "./run-view.jsx";
import { Runs } from "./runs.js";
import { PausedView } from "./runs-paused.jsx";
import { RunningBar, RunsView } from "./runs-view.jsx";
import { isSimulated, services } from "./service.js";
import { Store } from "./store.js";

/** @import { Totals } from "./run-totals.js" */
/** @import { State } from "./state.js" */

const TITLE = document.title;

const [offered, known] = await Promise.all([services(), knownApplications()]);
const configured = offered.find(({ id }) => id === known.cloud);
const first = (isSimulated(offered[0]) ? undefined : configured) ?? offered[0];

const store = new Store(offered, first);
store.access.applicationsKnown(known.applications, known.problem);
const access = new Access();
const history = new History();
const locks = new DeviceLocks();
const runs = new Runs(store, access, history, locks);
const past = new PastBatches(store, access, history, locks, runs);
const actions = new Actions(store, access, runs, past);

const dialog = /** @type {HTMLDialogElement} */ (part("dialog"));
dialog.addEventListener("close", () => actions.closeDialog());
const runDialog = /** @type {HTMLDialogElement} */ (part("run-dialog"));
runDialog.addEventListener("close", () => store.runs.opened(false));
// Links to a run choose it; its row may not be in the page, because only the visible rows are.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("a[href^='#batch/']") : null;
  const link = linkIn(target?.getAttribute("href") ?? "");
  if (link === undefined) return;
  event.preventDefault();
  void actions.history.open(link);
});
addEventListener("hashchange", () => {
  const link = linkIn(location.hash);
  if (link !== undefined) void actions.history.open(link);
});
/** Narrower than this, the details of a run have no room beside the other parts. */
const narrow = matchMedia("(width < 70rem)");
narrow.addEventListener("change", () => store.runs.widthChanged(narrow.matches));
store.runs.widthChanged(narrow.matches);
acceptFiles(part("devices"), (files) => actions.devices.addFiles(files));

store.show((state) => keepingFocus(() => show(state)));
void past.restore(linkIn(location.hash)).then(() => store.show(writeAddress));
if (isSimulated(first)) await actions.devices.readList();

/** @param {State} state */
function show(state) {
  showInTab(totals(state.runs));
  part("simulated").hidden = !isSimulated(state.service);
  render(<AccessView state={state} actions={actions} access={access} />, part("access"));
  render(<DevicesView state={state} store={store} actions={actions} />, part("devices-content"));
  render(<RunsView state={state} store={store} actions={actions} />, part("runs-content"));
  render(<PausedView state={state} actions={actions} />, part("paused"));
  render(<RunningBar runs={state.runs} />, part("running"));
  render(
    state.milestones.map(({ key, text }) => <p key={key}>{text}</p>),
    part("milestones"),
  );
  showRunDialog(runDialog, store, actions);
  showDialog(dialog, store, actions);
}

/** Shows in the title and the icon of the tab how far the runs are. @param {Totals} totals */
function showInTab(totals) {
  document.title = totals.all > 0 ? `${tabTitle(totals)} - ${TITLE}` : TITLE;
  const icon = `./favicon${iconOf(totals)}.svg`;
  const link = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
  // A browser requests the icon again whenever it is set.
  if (link.getAttribute("href") !== icon) link.setAttribute("href", icon);
}

/** @param {Totals} totals */
function iconOf({ all, ended, failed }) {
  if (all === 0) return "";
  if (ended < all) return "-running";
  return failed > 0 ? "-failed" : "-done";
}

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}
