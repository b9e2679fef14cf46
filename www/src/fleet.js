// One call of runDiagnosticsOnDevices: the runs that were started, or are followed again, together.

import { calls } from "./diagnostics.js";
import { dividedFetch } from "./run-exchange.js";
import { address } from "./service.js";
import { fetchOf } from "./simulation.js";

/** @import { DeviceEvent, DeviceRecord, DeviceResult, FleetEvent, PausedEvent, TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */

/**
 * What a fleet tells, with the ids of the runs.
 *
 * @typedef {object} FleetPort
 * @property {() => Promise<void>} access resolves when the account has access that started the runs
 * @property {TokenFunction} token
 * @property {(id: number, record: DeviceRecord) => Promise<void> | undefined} recorded the fleet waits until the record is kept
 * @property {(id: number, event: DeviceEvent) => void} progressed
 * @property {(event: FleetEvent | PausedEvent) => void} changed
 * @property {(id: number, result: DeviceResult) => void} ended
 * @property {(ids: number[], error: unknown) => void} failed these runs have no result; without an error, they were stopped
 */

export class Fleet {
  #service;
  /** The runs without a result, by device. @type {Map<string, { run: Run, controller: AbortController }>} */
  #open;
  #records;
  /** @type {FleetPort} */
  #port;
  #isSending = false;

  /** @param {Service} service @param {Run[]} runs of different devices @param {DeviceRecord[]} records @param {FleetPort} port */
  constructor(service, runs, records, port) {
    this.#service = service;
    this.#open = new Map(runs.map((run) => [run.deviceId, { run, controller: new AbortController() }]));
    this.#records = records;
    this.#port = port;
  }

  /** Takes back the runs that were not started, and ends the wait for the others. @param {string[]} deviceIds */
  stop(deviceIds) {
    const stopped = deviceIds.flatMap((deviceId) => this.#open.get(deviceId) ?? []);
    for (const { controller } of stopped) controller.abort();
    if (this.#isSending || stopped.length === 0) return;
    for (const { run } of stopped) this.#open.delete(run.deviceId);
    this.#port.failed(
      stopped.map(({ run }) => run.id),
      undefined,
    );
  }

  /** Follows all runs until they have a result. Never rejects. */
  async follow() {
    try {
      await this.#port.access();
      const { runDiagnosticsOnDevices } = await calls();
      this.#isSending = true;
      if (this.#open.size === 0) return;
      const devices = [...this.#open.values()].map(({ run, controller }) => ({ deviceId: run.deviceId, signal: controller.signal }));
      const records = this.#records.filter(({ deviceId }) => this.#open.has(deviceId));
      for await (const result of runDiagnosticsOnDevices(this.#token, devices, this.#options(records))) this.#ended(result);
      this.#abandon(undefined);
    } catch (error) {
      this.#abandon(error);
    }
  }

  /** A token of the account that started the runs: another one never gets to know of them. @type {TokenFunction} */
  #token = async (request) => {
    await this.#port.access();
    return this.#port.token(request);
  };

  /** @param {DeviceRecord[]} records */
  #options(records) {
    const record = (/** @type {string} */ deviceId) => this.#open.get(deviceId)?.run;
    return {
      ...address(this.#service),
      fetch: dividedFetch((deviceId) => record(deviceId)?.httpLog.fetch, fetchOf(this.#service)),
      // A page is patient: it shows what it waits for, and everything goes on when Graph or the network is back.
      patience: Number.POSITIVE_INFINITY,
      tokenTimeout: Number.POSITIVE_INFINITY,
      ...(records.length > 0 && { resume: records }),
      onState: (/** @type {DeviceRecord} */ state) => {
        const run = record(state.deviceId);
        return run === undefined ? undefined : this.#port.recorded(run.id, state);
      },
      onProgress: (/** @type {DeviceEvent | FleetEvent | PausedEvent} */ event) => {
        if (event.type === "fleet" || event.type === "paused") return this.#port.changed(event);
        const run = record(event.deviceId);
        if (run !== undefined) this.#port.progressed(run.id, event);
      },
    };
  }

  /** @param {DeviceResult} result */
  #ended(result) {
    const ended = this.#open.get(result.deviceId);
    if (ended === undefined) return;
    this.#open.delete(result.deviceId);
    this.#port.ended(ended.run.id, result);
  }

  /** @param {unknown} error */
  #abandon(error) {
    const left = [...this.#open.values()].map(({ run }) => run.id);
    this.#open.clear();
    if (left.length > 0) this.#port.failed(left, error);
  }
}
