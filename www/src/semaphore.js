// A semaphore: limits how many tasks run at a time; the others wait.

export class Semaphore {
  #free;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} atOnce */
  constructor(atOnce) {
    this.#free = atOnce;
  }

  /**
   * @template Result
   * @param {AbortSignal} signal ends the wait
   * @param {() => Promise<Result>} act
   */
  async run(signal, act) {
    if (this.#free > 0) this.#free -= 1;
    else await this.#acquire(signal);
    try {
      signal.throwIfAborted();
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  /** @param {AbortSignal} signal @returns {Promise<void>} */
  #acquire(signal) {
    return new Promise((resolve, reject) => {
      const proceed = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== proceed);
        reject(signal.reason);
      };
      if (signal.aborted) return leave();
      this.#waiting.push(proceed);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
