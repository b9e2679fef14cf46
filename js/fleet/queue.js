// The results of a fleet that were not read yet, and the readers that wait for one. The fleet never waits for its readers.

/** @typedef {{ value: unknown, done: boolean }} Item */
/** @typedef {{ resolve: (item: Item) => void, reject: (failure: unknown) => void }} Reader */

export class Queue {
  /** @type {unknown[]} */
  #results = [];
  // Read so far, so that taking the first result does not move all others.
  #read = 0;
  /** @type {Reader[]} */
  #readers = [];
  #hasEnded = false;
  /** @type {[unknown] | undefined} what the next reader after the last result gets, once */
  #failure;

  /** @param {unknown} result */
  push(result) {
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ value: result, done: false });
    else this.#results.push(result);
  }

  /** Ends the queue after the results that it has. @param {[unknown]} [failure] */
  end(failure) {
    this.#hasEnded = true;
    this.#failure = failure;
    const readers = this.#readers;
    this.#readers = [];
    for (const { resolve, reject } of readers) this.next().then(resolve, reject);
  }

  /** Drops the results that were not read. */
  clear() {
    this.#results = [];
    this.#read = 0;
    this.#failure = undefined;
  }

  /** The number of results that were not read. */
  get size() {
    return this.#results.length - this.#read;
  }

  /** The next result. @returns {Promise<Item>} */
  next() {
    if (this.#read < this.#results.length) {
      const value = this.#results[this.#read];
      this.#results[this.#read++] = undefined;
      if (this.#read === this.#results.length) this.#results.length = this.#read = 0;
      return Promise.resolve({ value, done: false });
    }
    if (!this.#hasEnded) return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ? Promise.reject(failure[0]) : Promise.resolve({ value: undefined, done: true });
  }
}
