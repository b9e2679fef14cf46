// Starts batches of runs, goes on with runs, looks for them, and stops them.

import { calls } from "./diagnostics.js";
import { Fleet } from "./fleet.js";
import { clock } from "./format.js";
import { HttpLog } from "./http-log.js";
import { NOTES, PAUSES, STEPS } from "./messages-runs.js";
import { canGoOn, outcomeOf, outcomeOfFailure } from "./outcome.js";
import { keptRun } from "./kept-runs.js";
import { begun, ended, newRun, progressed, recorded } from "./run.js";
import { isFollowed, isWaitedFor } from "./run-phase.js";
import { RunAnnouncements } from "./run-announcements.js";
import { operationSince } from "./run-search.js";
import { address, graphOf } from "./service.js";
import { fetchOf } from "./simulation.js";

/** @import { DeviceRecord, FleetEvent, PausedEvent } from "./teams-device-diagnostics.js" */
/** @import { Access } from "./access.js" */
/** @import { DeviceLocks } from "./device-locks.js" */
/** @import { FleetPort } from "./fleet.js" */
/** @import { History } from "./history.js" */
/** @import { KeptRun } from "./kept-runs.js" */
/** @import { Outcome } from "./outcome.js" */
/** @import { Entry, Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { Batch } from "./state.js" */
/** @import { Store } from "./store.js" */

export class Runs {
  #store;
  #access;
  #history;
  #locks;
  #announcements;
  /** The fleets that follow runs, by id. @type {Map<number, Fleet>} */
  #fleets = new Map();
  /** The searches, by the id of the run. @type {Map<number, AbortController>} */
  #searches = new Map();
  /** The last id of a run or fleet. */
  #last = 0;

  /** @param {Store} store @param {Access} access @param {History} history @param {DeviceLocks} locks */
  constructor(store, access, history, locks) {
    this.#store = store;
    this.#access = access;
    this.#history = history;
    this.#locks = locks;
    this.#announcements = new RunAnnouncements(store);
  }

  /**
   * Starts diagnostics on each device, except where a run is in progress already, here or in another tab: another start would be a conflict.
   *
   * @param {{ id: string, label: string }[]} devices
   * @param {Service} service
   * @returns {Promise<number>} how many were started
   */
  async start(devices, service) {
    const free = await this.#free(devices.map(({ id, label }) => ({ deviceId: id, name: label, service })));
    if (free.length === 0) return 0;
    const batch = { id: newId(), at: new Date(), service, owner: this.#access.owner(service) };
    const runs = free.map(({ deviceId, name }, place) => this.newRun({ batch: batch.id, place, deviceId, name }, service));
    this.#store.runs.added(batch, runs);
    this.#keep(runs, batch);
    this.follow(runs, []);
    return runs.length;
  }

  /** Starts runs that have ended once more, in their batch. @param {Run[]} runs @returns {Promise<number>} how many were started */
  async again(runs) {
    const free = await this.#free(runs.filter((run) => !isWaitedFor(run)));
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
  async goOn(runs) {
    // Without a record, a fleet would start the device once more.
    const open = await this.#free(
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
    if (outcome.kind === "unfollowed" && found !== undefined) await this.goOn([found]);
  }

  /**
   * Resumes runs of one batch, from before a reload or of a closed tab, whose locks this tab has. Those of which nothing was sent wait for a click.
   *
   * @param {Run[]} runs without an outcome
   * @param {string} [title] of the entry in their timelines
   */
  resume(runs, title = NOTES.resumed) {
    for (const { id, record } of runs) if (record === undefined) this.#ended(id, () => ({ kind: "left" }));
    const started = runs.filter(({ record }) => record !== undefined);
    this.#store.runs.changed(
      started.map(({ id }) => id),
      (run) => begun(run, resumed(run), { icon: "started", title }),
    );
    this.follow(
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
    this.leave(runs);
    this.#keepAll(
      runs.map((run) => keptRun(run, { isRemoved: true })),
      runs[0]?.service,
    );
  }

  /** Takes runs off the table, but not out of the history. @param {Run[]} runs */
  leave(runs) {
    // Runs that are gone do not end: the history keeps them as they are.
    this.#store.runs.removed(runs.map(({ id }) => id));
    this.stop(runs);
    for (const { deviceId, service } of runs.filter(isFollowed)) this.#locks.release(service, deviceId);
  }

  /** @param {Pick<Run, "batch" | "place" | "deviceId" | "name">} known @param {Service} service */
  newRun(known, service) {
    return newRun({ ...known, ...this.here(service) });
  }

  /** What a run has in this tab only. @param {Service} service */
  here(service) {
    return { id: (this.#last += 1), service, httpLog: new HttpLog(fetchOf(service)) };
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
    this.#keep(runs.flatMap(({ id }) => this.#store.runs.run(id) ?? []));
    for (const batch of new Set(runs.map(({ batch }) => batch))) {
      const ours = runs.filter((run) => run.batch === batch);
      this.follow(
        ours,
        ours.flatMap((run) => record(run) ?? []),
      );
    }
  }

  /** Follows runs as a fleet, when there is access to their Graph. @param {Run[]} runs of one batch @param {DeviceRecord[]} records */
  follow(runs, records) {
    if (runs.length === 0) return;
    const [{ service, batch }] = runs;
    const id = (this.#last += 1);
    const owner = this.#store.runs.batch(batch)?.owner;
    const isOpen = this.#access.isThere(service, owner);
    const fleet = new Fleet(service, runs, records, this.#port(id, service));
    this.#fleets.set(id, fleet);
    this.#store.runs.fleetBegun(
      { id, batch, service, pausedFor: isOpen ? undefined : "signedOut" },
      runs.map(({ id }) => id),
    );
    const access = this.#access.given(service, owner).then(() => this.#store.runs.fleetGoesOn(id));
    void fleet.follow(isOpen ? undefined : access).then(() => {
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
        this.#store.runs.progressed(id, (run) => recorded(run, record));
        const run = this.#store.runs.run(id);
        return run && this.#keep([run]);
      },
      progressed: (id, event) => this.#store.runs.progressed(id, (run) => progressed(run, event)),
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
    this.#store.runs.progressed(id, (run) => ended(run, outcome));
    void this.#kept(id).then(() => this.#locks.release(run.service, run.deviceId));
    this.#announcements.ended(id);
  }

  /** Keeps how a run has ended, before another tab may take it over. @param {number} id */
  async #kept(id) {
    const run = this.#store.runs.run(id);
    if (run !== undefined) await this.#keep([run]);
  }

  /** Keeps runs in the history, all of one Graph. @param {Run[]} runs @param {Batch} [batch] @returns {Promise<void> | undefined} */
  #keep(runs, batch) {
    return this.#keepAll(
      runs.map((run) => keptRun(run)),
      runs[0]?.service,
      batch,
    );
  }

  /** What is simulated in this page ends with it. @param {KeptRun[]} kept @param {Service} [service] @param {Batch} [batch] */
  #keepAll(kept, service, batch) {
    if (service === undefined || service.isInPage) return undefined;
    return this.#history.keep(kept, batch && { id: batch.id, at: batch.at, graph: graphOf(service), owner: batch.owner });
  }

  /** The devices with a run in progress. @param {Service} service */
  #busy(service) {
    const runs = this.#store.state.runs.filter((run) => run.service.id === service.id && isWaitedFor(run));
    return new Set(runs.map(({ deviceId }) => deviceId));
  }

  /**
   * One of each device that has no run in progress, here or in another tab. This tab has the locks of these devices then.
   *
   * @template {{ deviceId: string, service: Service }} Wanted
   * @param {Wanted[]} wanted
   * @returns {Promise<Wanted[]>}
   */
  async #free(wanted) {
    const services = new Set(wanted.map(({ service }) => service));
    const free = await Promise.all(
      [...services].map(async (service) => {
        const busy = this.#busy(service);
        const idle = wanted.filter((one) => one.service === service && !busy.has(one.deviceId));
        const first = new Map(idle.toReversed().map((one) => [one.deviceId, one]));
        const taken = await this.#locks.take(service, [...first.keys()]);
        return idle.filter((one) => taken.has(one.deviceId) && first.get(one.deviceId) === one);
      }),
    );
    return free.flat();
  }
}

/** The record with which a fleet follows a run further. @param {Run} run @returns {DeviceRecord | undefined} */
function recordToGoOn({ deviceId, outcome, record, startedAt }) {
  const location = outcome?.location;
  if (location === undefined) return record;
  const time = new Date().toISOString();
  return { version: 1, deviceId, state: "running", time, location, startedAt: startedAt.toISOString(), attempts: record?.attempts ?? 0 };
}

/** The next step of a resumed run. @param {Run} run @returns {Partial<Run>} */
function resumed({ record, stage }) {
  const isStarted = record?.state === "running";
  return { stage: isStarted && stage === "starting" ? "started" : stage, next: { what: isStarted ? STEPS.polling : STEPS.looking } };
}

/** An id that no other tab or visit makes. */
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The URL of an operation in a list, which does not contain it. @param {Service} service @param {string} deviceId @param {string} id */
function locationOf({ baseUrl, root }, deviceId, id) {
  const path = `/teamwork/devices/${encodeURIComponent(deviceId)}/operations/${encodeURIComponent(id)}`;
  return (baseUrl ?? `${root}/beta`) + path;
}
