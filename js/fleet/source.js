// The caller's devices or records: read in portions, so that an iterable without end blocks neither the page nor other fleets.

/** @typedef {{ done?: boolean, value?: any }} Step */

/** The number of items that are read before other tasks have a turn. */
const PORTION = 1_000;

/**
 * The iterator of an iterable; undefined if it is none. What the caller's own code throws is passed on unchanged, in an array.
 *
 * @param {any} iterable
 */
export function iteratorOf(iterable) {
  try {
    if (typeof iterable !== "object" || iterable === null) return undefined;
    return iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
  } catch (failure) {
    throw [failure];
  }
}

export class Source {
  /** @type {any} the caller's iterator, until it has ended */
  #iterator;
  #count = 0;

  /** @param {any} iterator */
  constructor(iterator) {
    this.#iterator = iterator;
  }

  /** The next step. Rejects with an array around what the caller's own code throws. @returns {Promise<Step>} */
  async next() {
    this.#count += 1;
    if (this.#count % PORTION === 0) await new Promise((resolve) => setTimeout(resolve));
    if (!this.#iterator) return { done: true };
    try {
      const step = await this.#iterator.next();
      if (typeof step !== "object" || step === null) throw new TypeError(`The iterator returned ${String(step)}, which is no object`);
      const { done, value } = step;
      if (done) this.#iterator = undefined;
      // As in `for await`, a synchronous iterable may have promises.
      return { done, value: await value };
    } catch (failure) {
      // An iterator that failed has ended.
      this.#iterator = undefined;
      throw [failure];
    }
  }

  /** Ends the caller's iterator early. */
  close() {
    // Its failures concern nobody any more.
    try {
      Promise.resolve(this.#iterator?.return?.()).catch(() => {});
    } catch {}
    this.#iterator = undefined;
  }
}
