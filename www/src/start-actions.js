// The actions by which the user starts diagnostics on the selected devices.

import { messageOf } from "./error-message.js";
import { isOffline } from "./devices.js";
import { leftOut } from "./messages.js";
import * as texts from "./messages-devices.js";

/** @import { AccessActions } from "./access-actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { RunPart } from "./run-part.js" */
/** @import { Store } from "./store.js" */

/** From this number of devices on, a run must be confirmed. */
const MANY = 5;

export class StartActions {
  #store;
  #access;
  #part;

  /** @param {Store} store @param {AccessActions} access @param {RunPart} part */
  constructor(store, access, part) {
    this.#store = store;
    this.#access = access;
    this.#part = part;
  }

  /** Starts diagnostics on the selected devices; if there are many, the user must confirm it. */
  run() {
    const devices = this.#store.devices.chosen();
    if (devices.length === 0 || !this.#access.isThere()) return;
    if (devices.length < MANY) void this.#start(devices);
    else this.#store.dialogChanged({ kind: "confirm", devices });
  }

  /** @param {Device[]} devices */
  runConfirmed(devices) {
    this.#store.dialogChanged(undefined);
    void this.#start(devices);
  }

  /** @param {Device[]} devices */
  async #start(devices) {
    const { service } = this.#store.state;
    const loaded = await this.#part.load().catch((error) => this.#store.devices.notStarted(messageOf(error)));
    if (loaded === undefined) return;
    const begun = await loaded.runs.start(
      devices.map(({ id }) => ({ id, label: this.#store.devices.label(id) })),
      service,
    );
    this.#store.devices.selectionCleared();
    const skipped = devices.length - begun;
    const offline = devices.filter(isOffline).length;
    this.#store.announced(
      [texts.starting(begun), skipped > 0 && leftOut(skipped), offline > 0 && texts.startedOffline(offline)].filter(Boolean).join(" "),
    );
  }
}
