// @ts-check
// Lets a few at a time do something; the others wait their turn.

export class Turns {
  #free;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} atOnce */
  constructor(atOnce) {
    this.#free = atOnce;
  }

  /**
   * @template Result
   * @param {AbortSignal} signal ends the waiting for a turn
   * @param {() => Promise<Result>} act
   */
  async take(signal, act) {
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
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
  #turn(signal) {
    return new Promise((resolve, reject) => {
      const give = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== give);
        reject(signal.reason);
      };
      if (signal.aborted) return leave();
      this.#waiting.push(give);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
