// Reads the list of devices of the chosen Graph.

import { calls } from "./diagnostics.js";
import { deviceOf } from "./devices.js";
import { NotDownloaded } from "./download.js";
import { isDiagnosticsError } from "./errors.js";
import * as texts from "./messages-devices.js";
import { address, isSimulated } from "./service.js";
import { fetchOf, tenants } from "./simulation.js";

/** @import { Access } from "./access.js" */
/** @import { Device } from "./devices.js" */
/** @import { Service } from "./service.js" */
/** @import { Store } from "./store.js" */

/** The time between two updates of the progress while the list is read. */
const LIST_GREW_MS = 100;

export class DeviceList {
  #store;
  #access;
  #reading = new AbortController();

  /** @param {Store} store @param {Access} access */
  constructor(store, access) {
    this.#store = store;
    this.#access = access;
  }

  stop() {
    this.#reading.abort();
  }

  async read() {
    this.stop();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const { service } = this.#store.state;
    const token = this.#access.pasted(service);
    this.#store.devices.listBegun();
    try {
      await this.#readTenants(service);
      const devices = await this.#read(service, signal);
      if (signal.aborted) return;
      this.#store.devices.listRead(devices);
      // Unless another one is being typed.
      if (token !== "" && token === this.#access.pasted(service)) this.#tokenWorks(service);
      this.#store.announced(devices.length === 0 ? texts.saidEmpty : texts.saidListed(devices.length));
    } catch (error) {
      if (signal.aborted) return;
      if (isDiagnosticsError(error)) this.#store.devices.listFailed(error.message, error);
      else this.#store.devices.listFailed(error instanceof NotDownloaded ? error.message : String(error));
      this.#store.announced(texts.saidNotListed);
    }
  }

  /** @param {Service} service @param {AbortSignal} signal */
  async #read(service, signal) {
    /** @type {Device[]} */
    const devices = [];
    let shownAt = performance.now();
    const { listDevices } = await calls(signal);
    for await (const document of listDevices(this.#access.tokenFor(service), { ...address(service), fetch: fetchOf(service), signal })) {
      const device = deviceOf(document);
      if (device !== undefined) devices.push(device);
      // Each update renders the whole table again.
      if (performance.now() - shownAt < LIST_GREW_MS) continue;
      shownAt = performance.now();
      this.#store.devices.listGrew(devices.length);
    }
    return devices;
  }

  /** A pasted token with which the list was read needs no field any more. @param {Service} service */
  #tokenWorks(service) {
    const isPasted = this.#access.account(service) === undefined && !isSimulated(service);
    if (isPasted && this.#store.state.signIn.kind === "out") this.#store.access.signInChanged({ kind: "token" });
  }

  /** Reads the tenants of the simulated Graph, if they are not known yet. @param {Service} service */
  async #readTenants(service) {
    if (!isSimulated(service) || this.#store.state.tenants !== undefined) return;
    const known = await tenants(service);
    if (known !== undefined) this.#store.access.tenantsRead(known);
  }
}
