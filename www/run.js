// @ts-check
// The story of one run: start it, wait for it, stop waiting, go on waiting.

import { isDiagnosticsError, runDiagnostics, waitForOperation } from "./teams-device-diagnostics.js";

/** @import { DiagnosticsError, ProgressEvent, RequestOptions, TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */

/**
 * How a call ended: the run succeeded; something went wrong; the person stopped waiting; the package did not work here at
 * all, for example because the browser forbids WebAssembly. The location is there once a run was started, and only when it
 * is one that can be waited for.
 *
 * @typedef {{ location: string | undefined } & ({ kind: "successful", operation: TeamworkDeviceOperation }
 *   | { kind: "failed", error: DiagnosticsError }
 *   | { kind: "stopped" }
 *   | { kind: "broken", message: string })} Outcome
 */

export class Run {
  /** The operation's URL, once Graph took the run. @type {string | undefined} */
  #location;
  #controller = new AbortController();
  #deviceId;
  #options;

  /**
   * @param {string} deviceId
   * @param {Pick<RequestOptions, "cloud" | "baseUrl">} service
   * @param {(event: ProgressEvent) => void} onProgress
   */
  constructor(deviceId, service, onProgress) {
    this.#deviceId = deviceId;
    this.#options = {
      ...service,
      onProgress: (/** @type {ProgressEvent} */ event) => {
        this.#location = event.location ?? this.#location;
        onProgress(event);
      },
    };
  }

  /** @param {string} token */
  start(token) {
    return this.#outcome(async (options) => {
      this.#location = await runDiagnostics(token, this.#deviceId, options);
      return waitForOperation(this.#location, options);
    });
  }

  /**
   * Waits again for the operation of an error, or of a wait that was stopped.
   *
   * @param {string} location
   * @param {string} token may be a newer one: tokens end after about an hour
   */
  goOnWaiting(location, token) {
    return this.#outcome((options) => waitForOperation(location, { ...options, token }));
  }

  /** Ends the waiting, not what runs on the device. */
  stopWaiting() {
    this.#controller.abort();
  }

  /**
   * @param {(options: RequestOptions) => Promise<TeamworkDeviceOperation>} call
   * @returns {Promise<Outcome>}
   */
  async #outcome(call) {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    try {
      const operation = await call({ ...this.#options, signal });
      return { kind: "successful", operation, location: this.#location };
    } catch (error) {
      const location = this.#location;
      if (isDiagnosticsError(error)) return { kind: "failed", error, location };
      if (signal.aborted && error === signal.reason) return { kind: "stopped", location };
      return { kind: "broken", message: String(error), location };
    }
  }
}
