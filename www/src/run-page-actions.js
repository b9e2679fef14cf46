// The actions of the user on runs: those on the runs themselves, on the history, and what they share with the rest of the page.

import { EndNotification } from "./end-notification.js";
import { HistoryActions } from "./history-actions.js";
import { supportText } from "./report.js";
import { reportRow } from "./run.js";
import { RunActions } from "./run-actions.js";

/** @import { Actions } from "./actions.js" */
/** @import { PastBatches } from "./past-batches.js" */
/** @import { Runs } from "./runs.js" */
/** @import { Dialog } from "./state.js" */
/** @import { Store } from "./store.js" */

export class RunPageActions {
  #store;
  #page;

  /** @param {Store} store @param {Actions} page those of the whole page @param {Runs} runs @param {PastBatches} past */
  constructor(store, page, runs, past) {
    this.#store = store;
    this.#page = page;
    this.access = page.access;
    this.runs = new RunActions(store, page.access, runs);
    this.history = new HistoryActions(store, past);
    this.notification = new EndNotification(store);
  }

  /** @param {number} id */
  async copyForSupport(id) {
    const run = this.#store.runs.run(id);
    if (run !== undefined) await this.copy(supportText(reportRow(run), run.outcome?.error), `run-${id}`);
  }

  /** @param {string} text @param {string} what an id of the text, for the button that shows "Copied" */
  copy(text, what) {
    return this.#page.copy(text, what);
  }

  /** @param {Dialog} dialog */
  show(dialog) {
    this.#page.show(dialog);
  }

  closeDialog() {
    this.#page.closeDialog();
  }
}
