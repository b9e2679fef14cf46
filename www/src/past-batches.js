// The history on the page: the past batches, those that are shown again, and what other tabs have changed.

import { restoredRun } from "./kept-runs.js";
import { HISTORY, NOTES } from "./messages-runs.js";
import { isFailure } from "./outcome.js";
import { ownerKept } from "./owner.js";
import { isFollowed, isWaitedFor } from "./run-phase.js";
import { shownRuns } from "./run-totals.js";
import { graphOf } from "./service.js";

/** @import { Access } from "./access.js" */
/** @import { DeviceLocks } from "./device-locks.js" */
/** @import { Counts, KeptBatch } from "./history-database.js" */
/** @import { History, News } from "./history.js" */
/** @import { KeptRun } from "./kept-runs.js" */
/** @import { Kind } from "./outcome.js" */
/** @import { Run } from "./run.js" */
/** @import { Link } from "./run-links.js" */
/** @import { Runs } from "./runs.js" */
/** @import { Service } from "./service.js" */
/** @import { Batch } from "./state.js" */
/** @import { Store } from "./store.js" */

/** A batch of the history. @typedef {Batch & { all: number, running: number, succeeded: number, failed: number }} PastBatch */

/** The batches that this tab showed before a reload. */
const SHOWN = "teams-device-diagnostics/shown";
/** The list of batches is read again at most this often. */
const LIST_MS = 1_000;
/** Runs whose locks come free within this time are followed together. */
const TOGETHER_MS = 100;

export class PastBatches {
  #store;
  #access;
  #history;
  #locks;
  #runs;
  /** The waits for the locks of other tabs, by the id of the run. @type {Map<number, AbortController>} */
  #waits = new Map();
  /** Runs whose locks this tab has got from another tab. @type {number[]} */
  #takenOver = [];
  /** The totals of the batches, as last counted. @type {Map<string, ReturnType<typeof totals>>} */
  #totals = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Store} store @param {Access} access @param {History} history @param {DeviceLocks} locks @param {Runs} runs */
  constructor(store, access, history, locks, runs) {
    this.#store = store;
    this.#access = access;
    this.#history = history;
    this.#locks = locks;
    this.#runs = runs;
    history.listen(
      (news) => void this.#heard(news),
      (news) => this.#readSoon(news),
      () => store.runs.historyLost(),
    );
  }

  /** Shows what this tab showed before a reload and whatever has not ended, and goes on with that. @param {Link} [link] that of the address */
  async restore(link) {
    const shown = new Set(shownBefore());
    for (const batch of await this.#read()) {
      const isLinked = batch.id === link?.batch;
      if (isLinked || shown.has(batch.id) || batch.running > 0) await this.#show(batch, await this.#history.runs(batch.id), { isLinked });
    }
    this.#store.show(({ batches }) => rememberShown(batches));
    if (link !== undefined) await this.open(link);
  }

  /** Shows a batch, and one of its runs. @param {Link} link @returns {Promise<boolean>} whether it is there */
  async open({ batch: id, place }) {
    const kept = this.#store.state.history.find((batch) => batch.id === id);
    const isThere = place !== undefined && this.#store.state.runs.some((run) => run.batch === id && run.place === place);
    if (kept !== undefined && !isThere) await this.#show(kept, await this.#history.runs(id), { isLinked: true });
    const runs = this.#store.state.runs.filter(({ batch }) => batch === id);
    if (runs.length === 0) {
      this.#store.runs.historyNoted(HISTORY.gone);
      return false;
    }
    const run = runs.find((run) => run.place === place);
    if (run === undefined || !shownRuns(this.#store.state).includes(run)) this.#store.runs.filtered({ batch: id, outcome: undefined });
    this.#store.runs.chosen((run ?? runs[0]).id);
    return true;
  }

  /** All runs of a batch, for its report. @param {string} id @returns {Promise<Run[]>} */
  async report(id) {
    const batch = this.#store.state.history.find((batch) => batch.id === id);
    if (batch === undefined) return [];
    return (await this.#history.runs(id)).map((kept) => restoredRun(kept, this.#runs.here(batch.service)));
  }

  /** Forgets batches, except those of which a run is in progress. @param {string[]} ids @returns {Promise<number>} how many */
  async forget(ids) {
    const forgotten = await this.#runs.inTurn(() => this.#history.forget(ids));
    this.#removeAll(forgotten);
    return forgotten.length;
  }

  /** Forgets all batches of a Graph, whose runs are removed already. @param {Service} service */
  async forgetGraph(service) {
    const ours = (await this.#history.batches()).filter(({ graph }) => graph === graphOf(service));
    await this.#history.forget(
      ours.map(({ id }) => id),
      { evenRunning: true },
    );
  }

  /** Shows the history of another account, and no longer that of the last one. */
  async accountChanged() {
    const { batches, runs, isHistoryLost } = this.#store.state;
    const others = new Set(batches.filter(({ service, owner }) => !this.#isOurs(service, owner)).map(({ id }) => id));
    // What is kept nowhere else stays, and waits for its account.
    if (!isHistoryLost) this.#remove(runs.filter(({ batch }) => others.has(batch)));
    for (const batch of await this.#read()) if (batch.running > 0) await this.#show(batch, await this.#history.runs(batch.id));
  }

  /** Reads the list. @returns {Promise<PastBatch[]>} */
  async #read() {
    /** @type {PastBatch[]} */
    const read = [];
    for (const kept of await this.#history.batches()) {
      const batch = this.#batch(kept);
      if (batch === undefined) continue;
      const counted = this.#totals.get(kept.id) ?? totals(await this.#history.counts(kept.id));
      this.#totals.set(kept.id, counted);
      read.push({ ...batch, ...counted });
    }
    this.#store.runs.historyRead(read);
    return read;
  }

  /** @param {News} news after which the list is another */
  #readSoon({ runs }) {
    for (const { batch } of runs) this.#totals.delete(batch);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#read();
    }, LIST_MS);
  }

  /** The batch, if it is of the present account. @param {KeptBatch} kept @returns {Batch | undefined} */
  #batch({ id, at, graph, owner }) {
    const service = this.#store.state.services.find((service) => graphOf(service) === graph);
    return service !== undefined && this.#isOurs(service, owner) ? { id, at, service, owner } : undefined;
  }

  /** Whether the present account may see what belongs to an account; what belongs to nobody that is known, everybody may see. @param {Service} service @param {string} owner */
  #isOurs(service, owner) {
    const present = this.#access.isThere(service) ? this.#access.owner(service) : ownerKept(graphOf(service));
    return owner === "" || owner === present;
  }

  /**
   * Shows runs of a batch that are not shown yet, and goes on with those that no other tab follows.
   *
   * @param {Batch} batch
   * @param {KeptRun[]} kept
   * @param {{ isLinked?: boolean, isNews?: boolean }} [options] `isLinked`: also those that were removed from the table; `isNews`: another
   *   tab tells of them
   */
  #show(batch, kept, options = {}) {
    return this.#runs.inTurn(() => this.#showNow(batch, kept, options));
  }

  /** @param {Batch} batch @param {KeptRun[]} kept @param {{ isLinked?: boolean, isNews?: boolean }} options */
  async #showNow({ id, at, service, owner }, kept, { isLinked = false, isNews = false }) {
    const present = new Set(this.#store.state.runs.filter(({ batch }) => batch === id).map(({ place }) => place));
    const runs = kept
      .filter(({ place, isRemoved }) => !present.has(place) && (isLinked || !isRemoved))
      .map((run) => restoredRun(run, this.#runs.here(service)));
    if (runs.length === 0) return;
    const open = runs.filter(isWaitedFor).map(({ deviceId }) => deviceId);
    // Without locks, what another tab tells of is its own.
    const taken = isNews && !this.#locks.areThere ? new Set() : await this.#locks.take(service, open);
    const shown = runs.map((run) => (isWaitedFor(run) && !taken.has(run.deviceId) ? { ...run, isElsewhere: true } : run));
    this.#store.runs.restored({ id, at, service, owner }, shown);
    this.#runs.resume(shown.filter((run) => isWaitedFor(run) && !run.isElsewhere));
    for (const run of shown) if (run.isElsewhere) void this.#takeOver(run);
  }

  /** Follows a run when the tab that follows it has gone. @param {Run} run */
  async #takeOver({ id, batch, place, service, deviceId }) {
    const controller = new AbortController();
    this.#waits.set(id, controller);
    const isTaken = await this.#locks.takeLater(service, deviceId, controller.signal);
    this.#waits.delete(id);
    if (!isTaken) return;
    const kept = await this.#history.run(batch, place);
    if (kept !== undefined) this.#store.runs.changed([id], (run) => restoredRun(kept, run));
    const run = this.#store.runs.run(id);
    if (run === undefined || !isWaitedFor(run)) return this.#locks.release(service, deviceId);
    if (this.#takenOver.push(id) === 1) setTimeout(() => this.#followTakenOver(), TOGETHER_MS);
  }

  #followTakenOver() {
    const ids = new Set(this.#takenOver);
    this.#takenOver = [];
    const runs = this.#store.state.runs.filter((run) => ids.has(run.id));
    for (const { id } of this.#store.state.batches)
      this.#runs.resume(
        runs.filter(({ batch }) => batch === id),
        NOTES.takenOver,
      );
  }

  /** @param {News} news of another tab */
  async #heard(news) {
    const { batches, runs, forgotten } = news;
    this.#removeAll(forgotten);
    const shown = new Map(this.#store.state.runs.map((run) => [`${run.batch}/${run.place}`, run]));
    const changed = runs.flatMap((kept) => ({ kept, run: shown.get(`${kept.batch}/${kept.place}`) }));
    for (const { kept, run } of changed) if (run !== undefined) this.#changedElsewhere(run, kept);
    const known = [...batches.map((kept) => this.#batch(kept)), ...this.#store.state.batches];
    for (const batch of known) {
      const added = changed.filter(({ kept, run }) => run === undefined && kept.batch === batch?.id);
      if (batch !== undefined && added.length > 0)
        await this.#show(
          batch,
          added.map(({ kept }) => kept),
          { isNews: true },
        );
    }
    this.#readSoon(news);
  }

  /** @param {Run} run @param {KeptRun} kept what another tab has written of it */
  #changedElsewhere(run, kept) {
    if (isWaitedFor(run) && !run.isElsewhere) return;
    if (kept.isRemoved) return this.#remove([run]);
    const now = { ...restoredRun(kept, run), isElsewhere: kept.kind === "running" };
    this.#store.runs.changed([run.id], () => now);
    if (now.isElsewhere && !run.isElsewhere) void this.#takeOver(now);
    if (!now.isElsewhere) this.#waits.get(run.id)?.abort();
  }

  /** Removes batches from the table. @param {string[]} ids */
  #removeAll(ids) {
    const gone = new Set(ids);
    this.#remove(this.#store.state.runs.filter((run) => gone.has(run.batch) && !isFollowed(run)));
  }

  /** @param {Run[]} runs */
  #remove(runs) {
    if (runs.length === 0) return;
    for (const { id } of runs) this.#waits.get(id)?.abort();
    this.#runs.leave(runs);
  }
}

/** @param {Counts} counts */
function totals(counts) {
  const totals = { all: 0, running: counts.get("running") ?? 0, succeeded: counts.get("succeeded") ?? 0, failed: 0 };
  for (const [kind, number] of counts) {
    totals.all += number;
    if (isFailure({ kind: /** @type {Kind} */ (kind) })) totals.failed += number;
  }
  return totals;
}

/** @returns {string[]} */
function shownBefore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(SHOWN) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** @param {Batch[]} batches */
function rememberShown(batches) {
  try {
    const text = JSON.stringify(batches.map(({ id }) => id));
    if (sessionStorage.getItem(SHOWN) !== text) sessionStorage.setItem(SHOWN, text);
  } catch {
    // A browser that keeps nothing shows less after a reload.
  }
}
