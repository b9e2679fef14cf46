// A lock for each device that a tab runs, so that two tabs of the page never run one device at the same time.

/** @import { Service } from "./service.js" */

export class DeviceLocks {
  /** The locks of this tab, by name, with how often they were taken. @type {Map<string, { release: () => void, times: number }>} */
  #held = new Map();

  /** Whether the browser has locks. Without https it has none. */
  get areThere() {
    return navigator.locks !== undefined;
  }

  /**
   * Takes the locks that no other tab has.
   *
   * @param {Service} service
   * @param {string[]} deviceIds
   * @returns {Promise<Set<string>>} the devices whose locks this tab has now
   */
  async take(service, deviceIds) {
    const isTaken = await Promise.all(deviceIds.map((deviceId) => this.#take(nameOf(service, deviceId), { ifAvailable: true })));
    return new Set(deviceIds.filter((_, at) => isTaken[at]));
  }

  /**
   * Takes a lock when the other tab has released it.
   *
   * @param {Service} service
   * @param {string} deviceId
   * @param {AbortSignal} signal ends the wait
   * @returns {Promise<boolean>} whether this tab has it now
   */
  takeLater(service, deviceId, signal) {
    return this.#take(nameOf(service, deviceId), { signal });
  }

  /** Releases a lock that was taken once more than it was released. @param {Service} service @param {string} deviceId */
  release(service, deviceId) {
    const name = nameOf(service, deviceId);
    const held = this.#held.get(name);
    if (held === undefined) return;
    held.times -= 1;
    if (held.times > 0) return;
    this.#held.delete(name);
    held.release();
  }

  /** @param {string} name @param {LockOptions} options @returns {Promise<boolean>} */
  #take(name, options) {
    const held = this.#held.get(name);
    if (held !== undefined) {
      held.times += 1;
      return Promise.resolve(true);
    }
    if (!this.areThere) return Promise.resolve(!("signal" in options));
    return new Promise((resolve) => {
      const use = (/** @type {Lock | null} */ lock) => {
        resolve(lock !== null);
        if (lock === null) return undefined;
        return new Promise((release) => this.#held.set(name, { release: () => release(undefined), times: 1 }));
      };
      navigator.locks.request(name, options, use).catch(() => resolve(false));
    });
  }
}

/** @param {Service} service @param {string} deviceId */
const nameOf = ({ root, baseUrl }, deviceId) => `teams-device-diagnostics/${baseUrl ?? root}/${deviceId}`;
