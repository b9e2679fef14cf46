// The actions of the user: on access and devices, the start of runs, dialogs, and copying.

import { AccessActions } from "./access-actions.js";
import { DeviceActions } from "./device-actions.js";
import { DeviceList } from "./device-list.js";
import { copied } from "./messages.js";
import { StartActions } from "./start-actions.js";

/** @import { Access } from "./access.js" */
/** @import { RunPart } from "./run-part.js" */
/** @import { Dialog } from "./state.js" */
/** @import { Store } from "./store.js" */

const COPIED_MS = 4_000;

export class Actions {
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #copied;

  /** @param {Store} store @param {Access} access @param {RunPart} part */
  constructor(store, access, part) {
    this.#store = store;
    const list = new DeviceList(store, access);
    this.access = new AccessActions(store, access, list, part);
    this.devices = new DeviceActions(store, this.access, list);
    this.start = new StartActions(store, this.access, part);
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
    this.#store.announced(copied);
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
