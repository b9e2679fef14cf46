// Starts runs, waits for them, stops waiting, and resumes those from before a reload.

import { calls } from "./diagnostics.js";
import { HttpLog } from "./http-log.js";
import { isFinal, outcomeOf, outcomeTitle } from "./outcome.js";
import { ended, isWaitedFor, newRun, progressed, waiting } from "./run.js";
import { address } from "./service.js";
import { fetchOf } from "./simulation.js";
import { Semaphore } from "./semaphore.js";
import { resumableRuns } from "./resumable-runs.js";
import { eventText } from "./format.js";

/** @import { ProgressEvent, RequestOptions, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */
/** @import { Access } from "./access.js" */
/** @import { Calls } from "./diagnostics.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { Store } from "./store.js" */
/** @import { ResumableRun } from "./resumable-runs.js" */

/** The maximum number of starts at a time. Graph counts every start for throttling, even a refused one. */
const STARTS_AT_ONCE = 4;

/** @typedef {RequestOptions & { token: ReturnType<Access["tokenFor"]>, signal: AbortSignal }} Options */

export class Runs {
  #store;
  #access;
  #starts = new Semaphore(STARTS_AT_ONCE);
  /** The waits, by the id of the run. @type {Map<number, AbortController>} */
  #waits = new Map();
  #last = 0;

  /** @param {Store} store @param {Access} access */
  constructor(store, access) {
    this.#store = store;
    this.#access = access;
  }

  /**
   * Starts diagnostics on each device, except where a run is in progress already: another start would be a conflict.
   *
   * @param {{ id: string, label: string }[]} devices
   * @param {Service} service
   */
  start(devices, service) {
    const free = devices.filter(({ id }) => !this.#isBusy(id, service));
    const runs = free.map(({ id, label }) => {
      return newRun({ id: (this.#last += 1), deviceId: id, name: label, service, httpLog: new HttpLog(fetchOf(service)) });
    });
    this.#store.runsAdded(runs);
    for (const run of runs) this.#drive(run, (loaded, options) => this.#startAndWait(run, loaded, options));
    return runs.length;
  }

  /** Waits for the operation of an ended wait: a stopped one, a failed one, or the operation of a conflict. @param {number} id */
  goOn(id) {
    const run = this.#store.run(id);
    const location = run?.outcome?.location;
    if (run === undefined || location === undefined) return;
    const isOthers = run.outcome?.kind === "conflict";
    this.#store.runChanged(id, (run) =>
      waiting({ ...run, location }, "Polling the operation…", {
        icon: "started",
        title: isOthers ? "Following the run that is queued" : "Waiting again",
        detail: isOthers ? location : undefined,
      }),
    );
    this.#remember({ ...run, location });
    this.#drive(run, ({ waitForOperation }, options) => waitForOperation(location, options));
  }

  /**
   * Resumes the waits from before a reload.
   *
   * @param {ResumableRun[]} left
   * @param {Service} service of the runs
   */
  resume(left, service) {
    const runs = left.map(({ location, deviceId, deviceName, startedAt }) => {
      const known = { id: (this.#last += 1), deviceId, name: deviceName ?? deviceId, service, location, httpLog: new HttpLog() };
      const begun = newRun({ ...known, ...(startedAt && { startedAt: new Date(startedAt) }) });
      return waiting(begun, "Polling the operation…", { icon: "started", title: "Resumed after a reload", detail: location });
    });
    this.#store.runsAdded(runs);
    for (const run of runs) this.#drive(run, ({ waitForOperation }, options) => waitForOperation(run.location ?? "", options));
  }

  /** Ends the wait, not what runs on the device. @param {number} id */
  stop(id) {
    this.#waits.get(id)?.abort();
  }

  /** @param {number} id */
  remove(id) {
    const run = this.#store.run(id);
    this.stop(id);
    if (run?.location !== undefined) resumableRuns.forget(run.location);
    this.#store.runRemoved(id);
  }

  /** @param {(run: Run) => boolean} isMeant */
  removeAll(isMeant) {
    for (const run of this.#store.state.runs.filter(isMeant)) this.remove(run.id);
  }

  /** @param {Run} run @param {Calls} calls @param {Options} options */
  async #startAndWait(run, { runDiagnostics, waitForOperation }, options) {
    const location = await this.#starts.run(options.signal, () => {
      this.#store.runChanged(run.id, (run) => ({ ...run, next: { what: "Starting diagnostics…" } }));
      return runDiagnostics(options.token, run.deviceId, options);
    });
    return waitForOperation(location, options);
  }

  /**
   * Makes the calls of a run, and records its progress and outcome.
   *
   * @param {Run} run
   * @param {(calls: Calls, options: Options) => Promise<TeamworkDeviceOperation>} call
   */
  async #drive({ id, service, httpLog }, call) {
    const controller = new AbortController();
    const { signal } = controller;
    this.#waits.set(id, controller);
    const options = {
      ...address(service),
      token: this.#access.tokenFor(service),
      fetch: httpLog.fetch,
      signal,
      onProgress: (/** @type {ProgressEvent} */ event) => this.#progressed(id, event),
    };
    try {
      const operation = await call(await calls(signal), options);
      this.#ended(id, { kind: "succeeded", operation });
    } catch (error) {
      const location = this.#store.run(id)?.location;
      this.#ended(id, outcomeOf(error, { signal, sent: httpLog.entries.length > 0, location }));
    } finally {
      if (this.#waits.get(id) === controller) this.#waits.delete(id);
    }
  }

  /** @param {number} id @param {ProgressEvent} event */
  #progressed(id, event) {
    const before = this.#store.run(id);
    if (before === undefined) return;
    this.#store.runChanged(id, (run) => progressed(run, event));
    if (event.type === "started" || event.type === "attached") this.#remember({ ...before, location: event.location });
    // The end is announced with the outcome. A poll that found the same status again is not announced.
    if (event.type === "status" && (event.nextPollInMs === undefined || event.status === event.previousStatus)) return;
    const { title, detail } = eventText(event);
    this.#store.announced(`${before.name}: ${title}. ${detail ?? ""}`.trim());
  }

  /** @param {number} id @param {import("./outcome.js").Outcome} outcome */
  #ended(id, outcome) {
    const run = this.#store.run(id);
    if (run === undefined) return;
    if (isFinal(outcome) && run.location !== undefined) resumableRuns.forget(run.location);
    this.#store.runChanged(id, (run) => ended(run, outcome));
    this.#store.announced(`${run.name}: ${outcomeTitle(outcome)}.`);
  }

  /** @param {Run} run */
  #remember({ location, deviceId, name, service, startedAt }) {
    // What is simulated in this page ends with it.
    if (location === undefined || service.isInPage) return;
    resumableRuns.remember({ location, deviceId, deviceName: name, startedAt: startedAt.toISOString(), ...address(service) });
  }

  /** @param {string} deviceId @param {Service} service */
  #isBusy(deviceId, service) {
    return this.#store.state.runs.some((run) => run.deviceId === deviceId && run.service.id === service.id && isWaitedFor(run));
  }
}
