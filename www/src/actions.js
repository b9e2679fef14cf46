// The actions of the user: those of each part of the page, dialogs, and copying.

import { AccessActions } from "./access-actions.js";
import { DeviceActions } from "./device-actions.js";
import { DeviceList } from "./device-list.js";
import { EndNotification } from "./end-notification.js";
import { HistoryActions } from "./history-actions.js";
import { supportText } from "./report.js";
import { reportRow } from "./run.js";
import { RunActions } from "./run-actions.js";

/** @import { Access } from "./access.js" */
/** @import { PastBatches } from "./past-batches.js" */
/** @import { Runs } from "./runs.js" */
/** @import { Dialog } from "./state.js" */
/** @import { Store } from "./store.js" */

const COPIED_MS = 4_000;

export class Actions {
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #copied;

  /** @param {Store} store @param {Access} access @param {Runs} runs @param {PastBatches} past */
  constructor(store, access, runs, past) {
    this.#store = store;
    const list = new DeviceList(store, access);
    this.access = new AccessActions(store, access, list, runs, past);
    this.devices = new DeviceActions(store, this.access, list);
    this.runs = new RunActions(store, this.access, runs);
    this.history = new HistoryActions(store, past);
    this.notification = new EndNotification(store);
  }

  /** @param {number} id */
  async copyForSupport(id) {
    const run = this.#store.runs.run(id);
    if (run !== undefined) await this.copy(supportText(reportRow(run), run.outcome?.error), `run-${id}`);
  }

  /** @param {string} text @param {string} what an id of the text, for the button that shows "Copied" */
  async copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard needs https and permission. Otherwise the user must copy the text by hand.
      return this.show({ kind: "text", text });
    }
    clearTimeout(this.#copied);
    this.#store.copiedChanged(what);
    this.#store.announced("Copied.");
    this.#copied = setTimeout(() => this.#store.copiedChanged(undefined), COPIED_MS);
  }

  /** @param {Dialog} dialog */
  show(dialog) {
    this.#store.dialogChanged(dialog);
  }

  closeDialog() {
    this.#store.dialogChanged(undefined);
  }
}
