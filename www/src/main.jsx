// Connects the parts of the page: the store, the actions and the views.

import { messageOf } from "./error-message.js";
import { render } from "preact";
import { Access } from "./access.js";
import { AccessView } from "./access-view.jsx";
import { Actions } from "./actions.js";
import { knownApplications } from "./applications.js";
import { part } from "./document-parts.js";
import { DevicesView } from "./devices-view.jsx";
import { showDialog } from "./dialogs.jsx";
import { acceptFiles } from "./file-drop.js";
import { keepingFocus } from "./focus.js";
import { isHistoryThere, whenHistoryBegins } from "./history-there.js";
import { NoRuns } from "./no-runs.jsx";
import { linkIn } from "./run-links.js";
import { RunPart } from "./run-part.js";
import { isSimulated, services } from "./service.js";
import { Store } from "./store.js";

/** @import { Link } from "./run-links.js" */
/** @import { State } from "./state.js" */

const [offered, known] = await Promise.all([services(), knownApplications()]);
const configured = offered.find(({ id }) => id === known.cloud);
const first = (isSimulated(offered[0]) ? undefined : configured) ?? offered[0];

const store = new Store(offered, first);
store.access.applicationsKnown(known.applications, known.problem);
const access = new Access();
const runPart = new RunPart((RunPage) => new RunPage(store, access, actions));
const actions = new Actions(store, access, runPart);

const dialog = /** @type {HTMLDialogElement} */ (part("dialog"));
dialog.addEventListener("close", () => actions.closeDialog());
// Links to a run choose it; its row may not be in the page, because only the visible rows are.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("a[href^='#batch/']") : null;
  const link = linkIn(target?.getAttribute("href") ?? "");
  if (link === undefined) return;
  event.preventDefault();
  void restore(link);
});
addEventListener("hashchange", () => {
  const link = linkIn(location.hash);
  if (link !== undefined) void restore(link);
});
/** Narrower than this, the details of a run have no room beside the other parts. */
const narrow = matchMedia("(width < 70rem)");
narrow.addEventListener("change", () => store.runs.widthChanged(narrow.matches));
store.runs.widthChanged(narrow.matches);
acceptFiles(part("devices"), (files) => actions.devices.addFiles(files));

store.show((state) => keepingFocus(() => show(state)));
// Who selects a device is about to run it.
store.show(({ selected }) => selected.size > 0 && loadSoon());
whenHistoryBegins(loadSoon);
// Begun in the first task, so that nothing moves when the list begins.
if (isSimulated(first)) void actions.devices.readList();
if (linkIn(location.hash) !== undefined || (await isHistoryThere())) await restore();

/** @param {State} state */
function show(state) {
  part("simulated").hidden = !isSimulated(state.service);
  render(<AccessView state={state} actions={actions} access={access} />, part("access"));
  render(<DevicesView state={state} store={store} actions={actions} />, part("devices-content"));
  if (runPart.loaded === undefined)
    render(<NoRuns problem={state.runsProblem} again={() => void restore(linkIn(location.hash))} />, part("runs-content"));
  else runPart.loaded.show(state);
  render(
    state.milestones.map(({ key, text }) => <p key={key}>{text}</p>),
    part("milestones"),
  );
  showDialog(dialog, store, actions, (document) => runPart.loaded?.documentOf(document));
}

/** Shows what is kept of earlier visits, and a run that an address leads to. @param {Link} [link] */
async function restore(link) {
  try {
    const page = await runPart.load();
    store.runs.partMissing("");
    await page.restored;
    if (link !== undefined) await page.actions.history.open(link);
  } catch (error) {
    store.runs.partMissing(messageOf(error));
    addEventListener("online", () => void restore(link), { once: true });
  }
}

/** Downloads the part about runs before somebody waits for it. If that fails, the start of a run tries again, and says so. */
function loadSoon() {
  if (runPart.loaded === undefined) void runPart.load().catch(() => {});
}
