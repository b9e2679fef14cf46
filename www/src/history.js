// The history of the batches: kept in a database, and the same in all tabs of the page.

import { HistoryDatabase } from "./history-database.js";
import { HISTORY } from "./history-there.js";

/** @import { Counts, KeptBatch, Rows } from "./history-database.js" */
/** @import { KeptRun } from "./kept-runs.js" */

/** What a tab tells the others. @typedef {Rows & { forgotten: string[] }} News */

/** The time limit of the database. Some browsers let it hang, and a start waits until its record is kept. */
const LIMIT_MS = 5_000;

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

  #lost = () => {};

  constructor() {
    this.#database = inTime(HistoryDatabase.open(() => this.#lose())).catch(() => {
      this.#lose();
      return undefined;
    });
  }

  /** The page goes on without the database, which is full, closed, forbidden, or does not respond. */
  #lose() {
    this.#database = Promise.resolve(undefined);
    this.#lost();
  }

  /** @param {(news: News) => void} heard what another tab tells @param {(news: News) => void} told what this tab has told them @param {() => void} lost called when nothing is kept any more */
  listen(heard, told, lost) {
    this.#channel.onmessage = ({ data }) => heard(data);
    this.#told = told;
    this.#lost = lost;
  }

  /**
   * Keeps a batch or runs.
   *
   * @param {KeptRun[]} runs
   * @param {KeptBatch[]} batches
   * @returns {Promise<void>} resolves when they are kept, or cannot be
   */
  keep(runs, batches) {
    for (const batch of batches) this.#rows.batches.set(batch.id, batch);
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
      const database = await this.#database;
      if (database !== undefined) await inTime(database.write(rows));
    } catch {
      this.#lose();
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

  /**
   * Forgets batches, except those of which a run is in progress.
   *
   * @param {string[]} batches
   * @param {{ evenRunning?: boolean }} [options]
   * @returns {Promise<string[]>} those that are forgotten
   */
  async forget(batches, options) {
    await (this.#next ?? this.#writing);
    const forgotten = await this.#read(/** @type {string[]} */ ([]), (database) => database.forget(batches, options));
    if (forgotten.length > 0) this.#tell({ batches: [], runs: [], forgotten });
    return forgotten;
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
      return database === undefined ? otherwise : await inTime(read(database));
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

/** @template Result @param {Promise<Result>} done @returns {Promise<Result>} rejects after the time limit */
function inTime(done) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("", "TimeoutError")), LIMIT_MS);
  });
  return Promise.race([done, limit]).finally(() => clearTimeout(timer));
}
