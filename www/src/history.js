// The history of the batches: kept in a database, and the same in all tabs of the page.

import { HistoryDatabase } from "./history-database.js";
import { HISTORY } from "./history-there.js";

/** @import { Counts, KeptBatch, Rows } from "./history-database.js" */
/** @import { KeptRun } from "./kept-runs.js" */

/** What a tab tells the others. @typedef {Rows & { forgotten: string[] }} News */

export class History {
  /** Undefined where the browser keeps nothing. @type {Promise<HistoryDatabase | undefined>} */
  #database;
  #channel = new BroadcastChannel(HISTORY);
  /** What is to be written, by key. @type {{ batches: Map<string, KeptBatch>, runs: Map<string, KeptRun> }} */
  #rows = noRows();
  /** What is being written. */
  #writing = Promise.resolve();
  /** What is written after it. @type {Promise<void> | undefined} */
  #next;
  /** @type {(news: News) => void} */
  #told = () => {};

  constructor() {
    this.#database = HistoryDatabase.open(() => {
      this.#database = Promise.resolve(undefined);
    }).catch(() => undefined);
  }

  /** @param {(news: News) => void} heard what another tab tells @param {(news: News) => void} told what this tab has told them */
  listen(heard, told) {
    this.#channel.onmessage = ({ data }) => heard(data);
    this.#told = told;
  }

  /**
   * Keeps a batch or runs.
   *
   * @param {KeptRun[]} runs
   * @param {KeptBatch} [batch]
   * @returns {Promise<void>} resolves when they are kept, or cannot be
   */
  keep(runs, batch) {
    if (batch !== undefined) this.#rows.batches.set(batch.id, batch);
    for (const run of runs) this.#rows.runs.set(`${run.batch}/${run.place}`, run);
    // What comes while something is written is written together after it.
    this.#next ??= this.#writing.then(() => this.#write());
    return this.#next;
  }

  #write() {
    const rows = { batches: [...this.#rows.batches.values()], runs: [...this.#rows.runs.values()] };
    this.#rows = noRows();
    this.#next = undefined;
    this.#writing = this.#written(rows);
    return this.#writing;
  }

  /** @param {Rows} rows */
  async #written(rows) {
    try {
      await (await this.#database)?.write(rows);
    } catch {
      // A full or closed database: the page goes on without it.
    }
    this.#tell({ ...rows, forgotten: [] });
  }

  /** What is kept, newest first; what is too old is forgotten. @returns {Promise<KeptBatch[]>} */
  async batches() {
    return this.#read([], async (database) => {
      await database.expire();
      return database.batches();
    });
  }

  /** @param {string} batch @returns {Promise<KeptRun[]>} */
  runs(batch) {
    return this.#read([], (database) => database.runs(batch));
  }

  /** @param {string} batch @param {number} place @returns {Promise<KeptRun | undefined>} */
  run(batch, place) {
    return this.#read(undefined, (database) => database.run(batch, place));
  }

  /** @param {string} batch @returns {Promise<Counts>} */
  counts(batch) {
    return this.#read(new Map(), (database) => database.counts(batch));
  }

  /** @param {string[]} batches */
  async forget(batches) {
    await (this.#next ?? this.#writing);
    await this.#read(undefined, (database) => database.forget(batches));
    this.#tell({ batches: [], runs: [], forgotten: batches });
  }

  /**
   * @template Result
   * @param {Result} otherwise if nothing can be read
   * @param {(database: HistoryDatabase) => Promise<Result>} read
   * @returns {Promise<Result>}
   */
  async #read(otherwise, read) {
    try {
      const database = await this.#database;
      return database === undefined ? otherwise : await read(database);
    } catch {
      return otherwise;
    }
  }

  /** @param {News} news */
  #tell(news) {
    this.#channel.postMessage(news);
    this.#told(news);
  }
}

/** @returns {{ batches: Map<string, KeptBatch>, runs: Map<string, KeptRun> }} */
const noRows = () => ({ batches: new Map(), runs: new Map() });
