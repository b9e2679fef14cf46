// The batches and their runs in IndexedDB, for thirty days.

import { openDB } from "idb";
import { HISTORY } from "./history-there.js";
import { isKeptRun } from "./kept-runs.js";

/** @import { DBSchema, IDBPDatabase } from "idb" */
/** @import { KeptRun } from "./kept-runs.js" */

/**
 * A batch of one account. `graph` is the name of the cloud, or the URL of the simulated Graph.
 *
 * @typedef {{ id: string, at: Date, graph: string, owner: string }} KeptBatch
 */

/** What is written together. @typedef {{ batches: KeptBatch[], runs: KeptRun[] }} Rows */

/** How many runs of a batch there are of each kind. @typedef {Map<string, number>} Counts */

/**
 * @typedef {DBSchema & {
 *   batches: { key: string, value: KeptBatch },
 *   runs: { key: [string, number], value: KeptRun, indexes: { kind: [string, string] } },
 * }} Schema
 */

const KEPT_MS = 30 * 24 * 60 * 60_000;

export class HistoryDatabase {
  #database;

  /** @param {IDBPDatabase<Schema>} database */
  constructor(database) {
    this.#database = database;
  }

  /** @param {() => void} lost called when another tab needs the database in a newer version */
  static async open(lost) {
    /** @type {IDBPDatabase<Schema>} */
    const database = await openDB(HISTORY, 1, {
      upgrade(database) {
        database.createObjectStore("batches", { keyPath: "id" });
        database.createObjectStore("runs", { keyPath: ["batch", "place"] }).createIndex("kind", ["batch", "kind"]);
      },
      blocking() {
        database.close();
        lost();
      },
      terminated: lost,
    });
    return new HistoryDatabase(database);
  }

  /** @param {Rows} rows */
  async write({ batches, runs }) {
    const transaction = this.#database.transaction(["batches", "runs"], "readwrite");
    const [allBatches, allRuns] = [transaction.objectStore("batches"), transaction.objectStore("runs")];
    await Promise.all([...batches.map((batch) => allBatches.put(batch)), ...runs.map((run) => allRuns.put(run)), transaction.done]);
  }

  /** Newest first. @returns {Promise<KeptBatch[]>} */
  async batches() {
    const all = await this.#database.getAll("batches");
    return all.filter(isKeptBatch).sort((a, b) => b.at.valueOf() - a.at.valueOf());
  }

  /** @param {string} batch @returns {Promise<KeptRun[]>} in their order */
  async runs(batch) {
    return (await this.#database.getAll("runs", ofBatch(batch))).filter(isKeptRun);
  }

  /** @param {string} batch @param {number} place */
  async run(batch, place) {
    const run = await this.#database.get("runs", [batch, place]);
    return isKeptRun(run) ? run : undefined;
  }

  /** @param {string} batch @returns {Promise<Counts>} */
  async counts(batch) {
    /** @type {Counts} */
    const counts = new Map();
    const index = this.#database.transaction("runs").store.index("kind");
    const range = IDBKeyRange.bound([batch], [batch, []]);
    for (let cursor = await index.openKeyCursor(range, "nextunique"); cursor !== null; cursor = await cursor.continue())
      counts.set(cursor.key[1], await index.count(cursor.key));
    return counts;
  }

  /**
   * Forgets batches, except those of which a run is in progress.
   *
   * @param {string[]} batches
   * @param {{ evenRunning?: boolean }} [options]
   * @returns {Promise<string[]>} those that are forgotten
   */
  async forget(batches, { evenRunning = false } = {}) {
    const transaction = this.#database.transaction(["batches", "runs"], "readwrite");
    const runs = transaction.objectStore("runs");
    const isEnded = async (/** @type {string} */ batch) => evenRunning || (await runs.index("kind").count([batch, "running"])) === 0;
    const forget = async (/** @type {string} */ batch) => {
      if (!(await isEnded(batch))) return [];
      await Promise.all([transaction.objectStore("batches").delete(batch), runs.delete(ofBatch(batch))]);
      return [batch];
    };
    const [forgotten] = await Promise.all([Promise.all(batches.map(forget)), transaction.done]);
    return forgotten.flat();
  }

  /** Forgets what is too old, or cannot be read. */
  async expire() {
    const all = await this.#database.getAll("batches");
    const isOld = (/** @type {KeptBatch} */ { at }, /** @type {number} */ ms) => Date.now() - at.valueOf() > ms;
    const old = all.filter((batch) => !isKeptBatch(batch) || isOld(batch, KEPT_MS));
    if (old.length === 0) return;
    await this.forget(old.map(({ id }) => id));
    // Nobody follows a run for so long.
    const veryOld = old.filter((batch) => isOld(batch, 2 * KEPT_MS));
    await this.forget(
      veryOld.map(({ id }) => id),
      { evenRunning: true },
    );
  }
}

/** The keys of the runs of a batch. An array is after each number. @param {string} batch */
const ofBatch = (batch) => IDBKeyRange.bound([batch], [batch, []]);

/** @param {any} batch @returns {batch is KeptBatch} */
function isKeptBatch(batch) {
  return [batch?.id, batch?.graph, batch?.owner].every((text) => typeof text === "string") && !Number.isNaN(Number(batch.at));
}
