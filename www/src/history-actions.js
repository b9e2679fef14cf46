// The actions on the history: show a batch again, download its report, and forget it.

import { HISTORY } from "./messages-runs.js";
import { saveReport } from "./report-file.js";

/** @import { Link } from "./run-links.js" */
/** @import { PastBatch, PastBatches } from "./past-batches.js" */
/** @import { Store } from "./store.js" */

export class HistoryActions {
  #store;
  #past;

  /** @param {Store} store @param {PastBatches} past */
  constructor(store, past) {
    this.#store = store;
    this.#past = past;
  }

  /** @param {Link} link */
  async open(link) {
    if (await this.#past.open(link)) this.#store.runs.opened(link.place !== undefined);
  }

  /** @param {PastBatch} batch */
  async report({ id, at }) {
    saveReport("csv", await this.#past.report(id), at);
  }

  /** @param {PastBatch[]} batches */
  async forget(batches) {
    const forgotten = await this.#past.forget(batches.map(({ id }) => id));
    this.#store.announced(HISTORY.forgotten(forgotten));
  }
}
