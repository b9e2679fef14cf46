// The part of the page about runs: it connects the runs, their history and their views. It is a bundle of its own.

import { render } from "preact";
import { DeviceLocks } from "./device-locks.js";
import { part } from "./document-parts.js";
import { History } from "./history.js";
import { tabTitle } from "./messages-runs.js";
import { PastBatches } from "./past-batches.js";
import { Code, HttpExchange } from "./run-documents.jsx";
import { linkIn, writeAddress } from "./run-links.js";
import { RunPageActions } from "./run-page-actions.js";
import { totals } from "./run-totals.js";
import { showRunDialog } from "./run-view.jsx";
import { Runs } from "./runs.js";
import { PausedView } from "./runs-paused.jsx";
import { RunningBar, RunsView } from "./runs-view.jsx";
import { isSimulated } from "./service.js";

/** @import { Access } from "./access.js" */
/** @import { Actions } from "./actions.js" */
/** @import { Link } from "./run-links.js" */
/** @import { Totals } from "./run-totals.js" */
/** @import { Service } from "./service.js" */
/** @import { RunDialog, State } from "./state.js" */
/** @import { Store } from "./store.js" */

const TITLE = document.title;

export class RunPage {
  #store;
  #dialog = /** @type {HTMLDialogElement} */ (part("run-dialog"));

  /** @param {Store} store @param {Access} access @param {Actions} actions those of the whole page */
  constructor(store, access, actions) {
    this.#store = store;
    const history = new History();
    const locks = new DeviceLocks();
    this.runs = new Runs(store, access, history, locks);
    this.past = new PastBatches(store, access, history, locks, this.runs);
    this.actions = new RunPageActions(store, actions, this.runs, this.past);
    this.#dialog.addEventListener("close", () => store.runs.opened(false));
    /** When the runs from before a reload are shown. */
    this.restored = this.#restore(linkIn(location.hash));
  }

  /** @param {Link | undefined} link */
  async #restore(link) {
    await this.past.restore(link);
    this.#store.show(writeAddress);
  }

  /** Forgets all runs of a Graph. @param {Service} service */
  async forgetGraph(service) {
    this.runs.remove(this.#store.state.runs.filter((run) => isSimulated(run.service)));
    await this.past.forgetGraph(service);
  }

  /** @param {State} state */
  show(state) {
    const { actions } = this;
    showInTab(totals(state.runs));
    render(<RunsView state={state} store={this.#store} actions={actions} />, part("runs-content"));
    render(<PausedView state={state} actions={actions} />, part("paused"));
    render(<RunningBar runs={state.runs} />, part("running"));
    showRunDialog(this.#dialog, this.#store, actions);
  }

  /** The view of a document of a run. @param {RunDialog} dialog */
  documentOf({ kind, run: id }) {
    const run = this.#store.runs.run(id);
    if (run === undefined) return undefined;
    const { runs, copied } = this.#store.state;
    const View = kind === "httpLog" ? HttpExchange : Code;
    const deviceIds = runs.filter(({ batch }) => batch === run.batch).map(({ deviceId }) => deviceId);
    return <View run={run} deviceIds={deviceIds} copied={copied} actions={this.actions} />;
  }
}

/** Shows in the title and the icon of the tab how far the runs are. @param {Totals} totals */
function showInTab(totals) {
  document.title = totals.all > 0 ? `${tabTitle(totals)} - ${TITLE}` : TITLE;
  const icon = `./favicon${iconOf(totals)}.svg`;
  const link = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
  // A browser requests the icon again whenever it is set, which fails without a network.
  if (navigator.onLine && link.getAttribute("href") !== icon) link.setAttribute("href", icon);
}

/** @param {Totals} totals */
function iconOf({ all, ended, failed }) {
  if (all === 0) return "";
  if (ended < all) return "-running";
  return failed > 0 ? "-failed" : "-done";
}
