// Starts batches of runs, goes on with runs, looks for them, and stops them.

import { messageOf } from "./error-message.js";
import { calls } from "./diagnostics.js";
import { Fleet } from "./fleet.js";
import { clock } from "./format.js";
import { HttpLog } from "./http-log.js";
import { NOTES, PAUSES, STEPS } from "./messages-runs.js";
import { canGoOn, outcomeOf, outcomeOfFailure } from "./run-outcome.js";
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
/** @import { Outcome } from "./outcome.js" */
/** @import { Entry, Run } from "./run.js" */
/** @import { Service } from "./service.js" */
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
  /** What is begun at present. @type {Promise<unknown>} */
  #turn = Promise.resolve();
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
  start(devices, service) {
    return this.inTurn(() => this.#start(devices, service));
  }

  /** @param {{ id: string, label: string }[]} devices @param {Service} service */
  async #start(devices, service) {
    const free = await this.#free(devices.map(({ id, label }) => ({ deviceId: id, name: label, service })));
    if (free.length === 0) return 0;
    const batch = { id: newId(), at: new Date(), service, owner: this.#access.owner(service) };
    const runs = free.map(({ deviceId, name }, place) => this.newRun({ batch: batch.id, place, deviceId, name }, service));
    this.#store.runs.added(batch, runs);
    this.#keep(runs);
    this.follow(runs);
    return runs.length;
  }

  /** Starts runs that have ended once more, in their batch. @param {Run[]} runs @returns {Promise<number>} how many were started */
  again(runs) {
    return this.inTurn(() => this.#again(runs));
  }

  /** @param {Run[]} runs */
  async #again(runs) {
    const free = await this.#free(this.#now(runs).filter((run) => !isWaitedFor(run)));
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
    return this.inTurn(() => this.#goOn(runs));
  }

  /** @param {Run[]} runs */
  async #goOn(runs) {
    // Without a record, a fleet would start the device once more.
    const open = await this.#free(
      this.#now(runs).filter((run) => run.outcome !== undefined && canGoOn(run.outcome) && recordToGoOn(run) !== undefined),
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
    const before = await this.inTurn(() => this.#beginSearch(id));
    const run = this.#store.runs.run(id);
    if (before === undefined || run === undefined) return;
    const controller = new AbortController();
    this.#searches.set(id, controller);
    const outcome = await this.#search(run, before, controller.signal);
    this.#searches.delete(id);
    this.#ended(id, () => outcome);
    const found = this.#store.runs.run(id);
    if (outcome.kind === "unfollowed" && found !== undefined) await this.goOn([found]);
  }

  /** Takes the lock of the device, and shows that its run is looked for. @param {number} id @returns {Promise<Outcome | undefined>} its outcome before */
  async #beginSearch(id) {
    const run = this.#store.runs.run(id);
    const [free] = run === undefined ? [] : await this.#free([run]);
    if (free?.outcome === undefined) return undefined;
    this.#store.runs.changed([id], (run) => begun(run, { stage: "looking", next: { what: STEPS.looking } }));
    return free.outcome;
  }

  /**
   * Does one thing after the other, so that each sees what the one before has begun: otherwise two clicks could start a device twice.
   *
   * @template Result
   * @param {() => Promise<Result>} act
   * @returns {Promise<Result>}
   */
  inTurn(act) {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
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
    this.follow(this.#now(started));
  }

  /** Takes back the runs of which nothing was sent, and ends the wait for the others, but not what runs on the device. @param {Run[]} runs */
  stop(runs) {
    for (const { id } of runs) this.#searches.get(id)?.abort();
    for (const [id, fleet] of this.#fleets) fleet.stop(runs.filter((run) => run.fleet === id).map(({ deviceId }) => deviceId));
  }

  /** @param {Run[]} runs */
  remove(runs) {
    this.#keep(runs, { isRemoved: true });
    this.leave(runs);
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
    // The record is that of the run from now on, so that it is kept, and a reload goes on with it.
    this.#store.runs.changed(
      runs.map(({ id }) => id),
      (run) => begun(run, { ...changes(run), record: record(run) }, note(run)),
    );
    const now = this.#now(runs);
    this.#keep(now);
    for (const batch of new Set(now.map(({ batch }) => batch))) this.follow(now.filter((run) => run.batch === batch));
  }

  /** The runs as they are now. @param {Run[]} runs */
  #now(runs) {
    return runs.flatMap(({ id }) => this.#store.runs.run(id) ?? []);
  }

  /** Follows runs as a fleet, which goes on from their records. @param {Run[]} runs of one batch */
  follow(runs) {
    if (runs.length === 0) return;
    const [{ service, batch }] = runs;
    const id = (this.#last += 1);
    const records = runs.flatMap(({ record }) => record ?? []);
    const fleet = new Fleet(service, runs, records, this.#port(id, service, this.#store.runs.batch(batch)?.owner));
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

  /** @param {number} fleet @param {Service} service @param {string} [owner] whose runs these are @returns {FleetPort} */
  #port(fleet, service, owner) {
    const isRefused = () => this.#store.runs.fleet(fleet)?.pausedFor === "unauthorized";
    return {
      access: () => this.#given(fleet, service, owner),
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

  /** Pauses a fleet until the account has access to which its runs belong. @param {number} fleet @param {Service} service @param {string} [owner] */
  async #given(fleet, service, owner) {
    if (this.#access.isThere(service, owner)) return;
    this.#store.runs.fleetPaused(fleet, "signedOut");
    await this.#access.given(service, owner);
    this.#store.runs.fleetPaused(fleet, undefined);
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
      return signal.aborted ? before : { ...before, note: NOTES.notSearched, message: messageOf(error) };
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

  /**
   * Keeps runs in the history, with their batches: another tab may have forgotten these. What is simulated in this page ends with it.
   *
   * @param {Run[]} runs
   * @param {{ isRemoved?: boolean }} [options]
   * @returns {Promise<void> | undefined}
   */
  #keep(runs, options) {
    const kept = runs.filter(({ service }) => !service.isInPage);
    if (kept.length === 0) return undefined;
    const batches = [...new Set(kept.map(({ batch }) => batch))].flatMap((id) => this.#store.runs.batch(id) ?? []);
    return this.#history.keep(
      kept.map((run) => keptRun(run, options)),
      batches.map(({ id, at, service, owner }) => ({ id, at, graph: graphOf(service), owner })),
    );
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
