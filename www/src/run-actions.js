// The actions on runs: run again, go on, stop, remove, and take their report away.

import { leftOut } from "./messages.js";
import { RUNS } from "./messages-runs.js";
import { isWorthAgain } from "./outcome.js";
import { canGoOn } from "./run-outcome.js";
import { saveReport } from "./report-file.js";
import { isFollowed, isUnsent, isWaitedFor } from "./run-phase.js";

/** @import { AccessActions } from "./access-actions.js" */
/** @import { Run } from "./run.js" */
/** @import { Runs } from "./runs.js" */
/** @import { Store } from "./store.js" */

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

  /** @param {Run[]} runs those that have ended are started once more */
  async runAgain(runs) {
    const ended = runs.filter((run) => !isWaitedFor(run));
    if (ended.length === 0 || !ended.every(({ service }) => this.#access.isThere(service))) return;
    const begun = await this.#runs.again(ended);
    if (begun < ended.length) this.#store.announced(leftOut(ended.length - begun));
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
    if (devices.size === 0) return this.#store.announced(RUNS.otherGraph);
    this.#store.devices.added([...devices.values()]);
    this.#store.announced(RUNS.selected(devices.size));
  }

  /** @param {"csv" | "json"} format @param {Run[]} runs */
  download(format, runs) {
    saveReport(
      format,
      runs.toSorted((a, b) => a.id - b.id),
    );
  }
}
