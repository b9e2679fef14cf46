// Starts batches of runs, goes on with runs, looks for them, stops them, and resumes those from before a reload.

import { calls } from "./diagnostics.js";
import { Fleet } from "./fleet.js";
import { clock } from "./format.js";
import { HttpLog } from "./http-log.js";
import { NOTES, PAUSES, STEPS } from "./messages.js";
import { canGoOn, outcomeOf, outcomeOfFailure } from "./outcome.js";
import { resumableRuns } from "./resumable-runs.js";
import { begun, ended, isWaitedFor, newRun, progressed, recorded } from "./run.js";
import { RunAnnouncements } from "./run-announcements.js";
import { operationSince } from "./run-search.js";
import { address } from "./service.js";
import { fetchOf } from "./simulation.js";

/** @import { DeviceRecord, FleetEvent, PausedEvent } from "./teams-device-diagnostics.js" */
/** @import { Access } from "./access.js" */
/** @import { FleetPort } from "./fleet.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { ResumableRun } from "./resumable-runs.js" */
/** @import { Entry, Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { Store } from "./store.js" */

export class Runs {
  #store;
  #access;
  #announcements;
  /** The fleets that follow runs, by id. @type {Map<number, Fleet>} */
  #fleets = new Map();
  /** The searches, by the id of the run. @type {Map<number, AbortController>} */
  #searches = new Map();
  /** The last id of a run, batch or fleet. */
  #last = 0;

  /** @param {Store} store @param {Access} access */
  constructor(store, access) {
    this.#store = store;
    this.#access = access;
    this.#announcements = new RunAnnouncements(store);
  }

  /**
   * Starts diagnostics on each device, except where a run is in progress already: another start would be a conflict.
   *
   * @param {{ id: string, label: string }[]} devices
   * @param {Service} service
   * @returns {number} how many were started
   */
  start(devices, service) {
    const busy = this.#busy(service);
    const free = devices.filter(({ id }) => !busy.has(id));
    const runs = this.#newBatch(
      free.map(({ id, label }) => ({ deviceId: id, name: label })),
      service,
    );
    for (const run of runs) this.#keep(run, { version: 1, deviceId: run.deviceId, state: "waiting", time: run.startedAt.toISOString() });
    this.#follow(runs, []);
    return runs.length;
  }

  /** Starts runs that have ended once more, in their batch. @param {Run[]} runs @returns {number} how many were started */
  again(runs) {
    const free = this.#withoutBusy(runs.filter((run) => !isWaitedFor(run)));
    this.#begin(
      free,
      () => ({
        startedAt: new Date(),
        stage: "waiting",
        next: { what: STEPS.turn },
        location: undefined,
        record: undefined,
        operation: undefined,
      }),
      () => ({ icon: "started", title: NOTES.startedAgain }),
      () => undefined,
    );
    return free.length;
  }

  /** Follows runs whose operation is known: of an ended wait, or the operation of a conflict. @param {Run[]} runs */
  goOn(runs) {
    // Without a record, a fleet would start the device once more.
    const open = this.#withoutBusy(
      runs.filter((run) => run.outcome !== undefined && canGoOn(run.outcome) && recordToGoOn(run) !== undefined),
    );
    this.#begin(
      open,
      ({ stage, outcome, location }) => ({
        stage: stage === "waiting" ? "started" : stage,
        next: { what: STEPS.polling },
        location: outcome?.location ?? location,
      }),
      ({ outcome }) =>
        outcome?.kind === "conflict"
          ? { icon: "started", title: NOTES.followingQueued, detail: outcome.location }
          : { icon: "started", title: NOTES.waitingAgain },
      recordToGoOn,
    );
  }

  /** Looks for a run that may be under way, among the operations of its device, and follows it. @param {number} id */
  async lookFor(id) {
    const run = this.#store.runs.run(id);
    if (run?.outcome === undefined || this.#busy(run.service).has(run.deviceId)) return;
    const before = run.outcome;
    const controller = new AbortController();
    this.#searches.set(id, controller);
    this.#store.runs.changed([id], (run) => begun(run, { stage: "looking", next: { what: STEPS.looking } }));
    const outcome = await this.#search(run, before, controller.signal);
    this.#searches.delete(id);
    this.#ended(id, () => outcome);
    const found = this.#store.runs.run(id);
    if (outcome.kind === "unfollowed" && found !== undefined) this.goOn([found]);
  }

  /**
   * Resumes the runs from before a reload, as one batch. Those of which nothing was sent are shown, and wait for a click.
   *
   * @param {ResumableRun[]} kept
   * @param {Service} service of the runs
   */
  resume(kept, service) {
    const busy = this.#busy(service);
    const ours = kept.filter(({ record }) => !busy.has(record.deviceId));
    const runs = this.#newBatch(
      ours.map(({ record, deviceName }) => ({ deviceId: record.deviceId, name: deviceName ?? record.deviceId, ...resumed(record) })),
      service,
    );
    const left = runs.filter(({ stage }) => stage === "waiting");
    const started = runs.filter(({ stage }) => stage !== "waiting");
    const ids = (/** @type {Run[]} */ runs) => runs.map(({ id }) => id);
    this.#store.runs.changed(ids(left), (run) => ended(run, { kind: "left" }));
    this.#store.runs.changed(ids(started), (run) => begun(run, {}, { icon: "started", title: NOTES.resumed }));
    this.#follow(
      started,
      started.flatMap(({ record }) => record ?? []),
    );
  }

  /** Takes back the runs of which nothing was sent, and ends the wait for the others, but not what runs on the device. @param {Run[]} runs */
  stop(runs) {
    for (const { id } of runs) this.#searches.get(id)?.abort();
    for (const [id, fleet] of this.#fleets) fleet.stop(runs.filter((run) => run.fleet === id).map(({ deviceId }) => deviceId));
  }

  /** @param {Run[]} runs */
  remove(runs) {
    this.stop(runs);
    for (const { deviceId, service } of runs) resumableRuns.forget(deviceId, service);
    this.#store.runs.removed(runs.map(({ id }) => id));
  }

  /** @param {Partial<Run>[]} known @param {Service} service */
  #newBatch(known, service) {
    const batch = (this.#last += 1);
    const runs = known.map((known) =>
      newRun({ deviceId: "", name: "", ...known, id: (this.#last += 1), batch, service, httpLog: new HttpLog(fetchOf(service)) }),
    );
    if (runs.length > 0) this.#store.runs.added({ id: batch, at: new Date(), service }, runs);
    return runs;
  }

  /**
   * Follows runs again, those of each batch as one fleet.
   *
   * @param {Run[]} runs
   * @param {(run: Run) => Partial<Run>} changes
   * @param {(run: Run) => Pick<Entry, "icon" | "title" | "detail">} note
   * @param {(run: Run) => DeviceRecord | undefined} record
   */
  #begin(runs, changes, note, record) {
    this.#store.runs.changed(
      runs.map(({ id }) => id),
      (run) => begun(run, changes(run), note(run)),
    );
    for (const batch of new Set(runs.map(({ batch }) => batch))) {
      const ours = runs.filter((run) => run.batch === batch);
      this.#follow(
        ours,
        ours.flatMap((run) => record(run) ?? []),
      );
    }
  }

  /** @param {Run[]} runs of one batch @param {DeviceRecord[]} records */
  #follow(runs, records) {
    if (runs.length === 0) return;
    const [{ service, batch }] = runs;
    const id = (this.#last += 1);
    const fleet = new Fleet(service, runs, records, this.#port(id, service));
    this.#fleets.set(id, fleet);
    this.#store.runs.fleetBegun(
      { id, batch, service },
      runs.map(({ id }) => id),
    );
    void fleet.follow().then(() => {
      this.#fleets.delete(id);
      this.#store.runs.fleetEnded(id);
    });
  }

  /** @param {number} fleet @param {Service} service @returns {FleetPort} */
  #port(fleet, service) {
    const isRefused = () => this.#store.runs.fleet(fleet)?.pausedFor === "unauthorized";
    return {
      token: this.#access.tokenFor(service, isRefused),
      recorded: (id, record) => {
        this.#store.runs.changed([id], (run) => recorded(run, record));
        const run = this.#store.runs.run(id);
        if (run !== undefined) this.#keep(run, unfinished(record));
      },
      progressed: (id, event) => this.#store.runs.changed([id], (run) => progressed(run, event)),
      changed: (event) => this.#changed(fleet, event),
      ended: (id, result) => this.#ended(id, (run) => outcomeOf(result, run)),
      failed: (ids, error) => ids.forEach((id) => this.#ended(id, (run) => outcomeOfFailure(error, run))),
    };
  }

  /** @param {number} id of a fleet @param {FleetEvent | PausedEvent} event */
  #changed(id, event) {
    const before = this.#store.runs.fleet(id)?.pausedFor;
    this.#store.runs.fleetChanged(id, event);
    const reason = this.#store.runs.fleet(id)?.pausedFor;
    if (reason === before) return;
    if (reason !== undefined) this.#store.announced(`${PAUSES[reason](this.#store.state.runs.filter((run) => run.fleet === id).length)}.`);
    this.#access.recheck();
  }

  /** @param {Run} run @param {Outcome} before @param {AbortSignal} signal @returns {Promise<Outcome>} */
  async #search({ deviceId, service, record, startedAt, httpLog }, before, signal) {
    try {
      const { listOperations } = await calls(signal);
      const options = { ...address(service), fetch: httpLog.fetch, signal };
      const operations = listOperations(this.#access.tokenFor(service), deviceId, options);
      const operation = await operationSince(operations, record?.serviceTime ?? record?.time ?? startedAt.toISOString());
      if (operation === undefined) return { ...before, note: NOTES.noneFound(clock(new Date())) };
      return { kind: "unfollowed", operation, location: locationOf(service, deviceId, String(operation.id)) };
    } catch (error) {
      return signal.aborted
        ? before
        : { ...before, note: NOTES.notSearched, message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @param {number} id @param {(run: Run) => Outcome} outcomeFor */
  #ended(id, outcomeFor) {
    const run = this.#store.runs.run(id);
    if (run === undefined) return;
    const outcome = outcomeFor(run);
    if (!canGoOn(outcome)) this.#keep(run);
    this.#store.runs.changed([id], (run) => ended(run, outcome));
    this.#announcements.ended(id);
  }

  /** Keeps the record for a reload; what is simulated in this page ends with it. @param {Run} run @param {ResumableRun["record"]} [record] */
  #keep({ deviceId, name, service }, record) {
    if (service.isInPage) return;
    if (record === undefined) resumableRuns.forget(deviceId, service);
    else resumableRuns.remember({ record, deviceName: name, ...address(service) });
  }

  /** The devices with a run in progress. @param {Service} service */
  #busy(service) {
    const runs = this.#store.state.runs.filter((run) => run.service.id === service.id && isWaitedFor(run));
    return new Set(runs.map(({ deviceId }) => deviceId));
  }

  /** One run of each device that has none in progress. @param {Run[]} runs */
  #withoutBusy(runs) {
    const services = new Set(runs.map(({ service }) => service));
    return [...services].flatMap((service) => {
      const busy = this.#busy(service);
      const free = runs.filter((run) => run.service === service && !busy.has(run.deviceId));
      return [...new Map(free.map((run) => [run.deviceId, run])).values()];
    });
  }
}

/** The record of a run whose end is not known, also if its wait has ended. @param {DeviceRecord} record @returns {DeviceRecord | undefined} */
function unfinished({ outcome, error, ...record }) {
  if (record.state !== "ended") return record;
  const continues = record.location !== undefined && (outcome === "aborted" || outcome === "stillRunning");
  return continues ? { ...record, state: "running" } : undefined;
}

/** The record with which a fleet follows a run further. @param {Run} run @returns {DeviceRecord | undefined} */
function recordToGoOn({ deviceId, outcome, record, startedAt }) {
  const location = outcome?.location;
  if (location === undefined) return record;
  const time = new Date().toISOString();
  return { version: 1, deviceId, state: "running", time, location, startedAt: startedAt.toISOString(), attempts: record?.attempts ?? 0 };
}

/** What is known of a run from its record. @param {ResumableRun["record"]} record @returns {Partial<Run>} */
function resumed(record) {
  if (record.state === "waiting") return { startedAt: new Date(record.time) };
  const { location, startedAt, time, state } = record;
  const stage = state === "running" ? "started" : "starting";
  const what = state === "running" ? STEPS.polling : STEPS.looking;
  return { location, record, startedAt: new Date(startedAt ?? time), stage, next: { what } };
}

/** The URL of an operation in a list, which does not contain it. @param {Service} service @param {string} deviceId @param {string} id */
function locationOf({ baseUrl, root }, deviceId, id) {
  const path = `/teamwork/devices/${encodeURIComponent(deviceId)}/operations/${encodeURIComponent(id)}`;
  return (baseUrl ?? `${root}/beta`) + path;
}
