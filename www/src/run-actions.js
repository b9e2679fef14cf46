// The actions by which the user starts, stops and removes runs, and takes their report away.

import { isOffline } from "./devices.js";
import { count } from "./format.js";
import { canGoOn, isWorthAgain } from "./outcome.js";
import { saveReport } from "./report-file.js";
import { isFollowed, isUnsent, isWaitedFor } from "./run.js";

/** @import { AccessActions } from "./access-actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Run } from "./run.js" */
/** @import { Runs } from "./runs.js" */
/** @import { Store } from "./store.js" */

/** From this number of devices on, a run must be confirmed. */
const MANY = 5;

export class RunActions {
  #store;
  #access;
  #runs;

  /** @param {Store} store @param {AccessActions} access @param {Runs} runs */
  constructor(store, access, runs) {
    this.#store = store;
    this.#access = access;
    this.#runs = runs;
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

  /** @param {Run[]} runs those that have ended are started once more */
  async runAgain(runs) {
    const ended = runs.filter((run) => !isWaitedFor(run));
    if (ended.length === 0 || !ended.every(({ service }) => this.#access.isThere(service))) return;
    const begun = await this.#runs.again(ended);
    if (begun < ended.length) this.#store.announced(`${count(ended.length - begun, "device")} left out: already running.`);
  }

  /** @param {Run[]} runs */
  runFailedAgain(runs) {
    void this.runAgain(runs.filter(({ outcome }) => outcome !== undefined && isWorthAgain(outcome)));
  }

  /** Ends the waits, and takes back what has not started. @param {Run[]} runs */
  stop(runs) {
    this.#runs.stop(runs.filter(isFollowed));
  }

  /** @param {Run[]} runs */
  takeBack(runs) {
    this.#runs.stop(runs.filter(isUnsent));
  }

  /** @param {Run[]} runs those that can be followed further */
  goOn(runs) {
    const open = runs.filter(({ outcome }) => outcome !== undefined && canGoOn(outcome));
    if (open.length > 0 && open.every(({ service }) => this.#access.isThere(service))) void this.#runs.goOn(open);
  }

  /** @param {Run} run that may be under way */
  lookFor(run) {
    if (this.#access.isThere(run.service)) void this.#runs.lookFor(run.id);
  }

  /** @param {Run[]} runs those that have ended are removed from the page */
  remove(runs) {
    this.#runs.remove(runs.filter((run) => !isWaitedFor(run)));
  }

  /** Selects the devices of runs in the table of devices. @param {Run[]} runs */
  selectDevices(runs) {
    const { service } = this.#store.state;
    const ours = runs.filter((run) => run.service.id === service.id);
    const devices = new Map(ours.map(({ deviceId, name }) => [deviceId, { id: deviceId, name }]));
    if (devices.size === 0) return this.#store.announced("These runs are of another Graph.");
    this.#store.devices.added([...devices.values()]);
    this.#store.announced(`${count(devices.size, "device")} selected.`);
  }

  /** @param {"csv" | "json"} format @param {Run[]} runs */
  download(format, runs) {
    saveReport(
      format,
      runs.toSorted((a, b) => a.id - b.id),
    );
  }

  /** @param {Device[]} devices */
  async #start(devices) {
    const { service } = this.#store.state;
    const begun = await this.#runs.start(
      devices.map(({ id }) => ({ id, label: this.#store.devices.label(id) })),
      service,
    );
    this.#store.devices.selectionCleared();
    const skipped = devices.length - begun;
    const offline = devices.filter(isOffline).length;
    this.#store.announced(
      [
        `Starting diagnostics on ${count(begun, "device")}.`,
        skipped > 0 && `${count(skipped, "device")} left out: already running.`,
        offline > 0 && `${count(offline, "device")} offline at last contact.`,
      ]
        .filter(Boolean)
        .join(" "),
    );
  }
}
