// A fleet that has begun: feeds devices to the wasm, and passes what the wasm reports to the caller.
import {
  abortReason,
  isAborted,
  member,
  notify,
  offAbort,
  onAbort,
  openPort,
  report,
  takeFailure,
  unixTime,
} from "../../src/bindings/host.js";
import { loadUnlessAborted } from "../call.js";
import { isShown } from "../failures.js";
import { current } from "../instance.js";
import { invalid, readRecords, toFleetEvent, toRecord, toResult } from "./records.js";
import { Source, iteratorOf } from "./source.js";

/** @import { Call, Instance } from "../instance.js" */
/** @import { FlatRecord } from "./records.js" */
/** @import { Queue } from "./queue.js" */

/**
 * A device without a result. The request that starts it adds the location as soon as the 202 has come.
 *
 * @typedef {{ deviceId: string, record?: FlatRecord, location?: string, signals?: Map<AbortSignal, () => void> }} OpenDevice
 */

export class Session {
  #token;
  #queue;
  /** @type {any} the options */
  #given;
  /** @type {any} the fleet of the wasm; undefined before and after */
  #fleet;
  /** @type {Call} */
  #call = { instance: undefined, reject: (trap) => this.#end(trap) };
  /** @type {(OpenDevice | undefined)[]} by key */
  #devices = [];
  /** @type {Map<string, number>} the key of each id */
  #keys = new Map();
  /** @type {Source | undefined} the devices, until all are read */
  #source;
  /** @type {Source | undefined} the records, until all are read */
  #records;
  /** The number of devices without a result, and what continues the reading of more. */
  #open = 0;
  #readMore = () => {};
  /** The number of the last record of each device, by its key, until onState has kept it. @type {Map<number, number>} */
  #unkept = new Map();
  /** @type {(() => void) | undefined} */
  #forgetSignal;
  /** @type {() => void} */
  #ended = () => {};
  #hasEnded = new Promise((resolve) => (this.#ended = () => resolve(undefined)));
  #isStopped = false;
  /** Whether the caller has been told that records are lost. */
  #hasLostRecords = false;
  /** @type {unknown} why the fleet ends early, as what a call of the wasm rejects with */
  #reason;

  /** @param {unknown} token @param {Queue} queue */
  constructor(token, queue) {
    this.#token = token;
    this.#queue = queue;
  }

  /** A session that has ended before it began. */
  closed() {
    this.#isStopped = true;
    this.#ended();
    return this;
  }

  /**
   * Begins. Rejects if an argument is wrong, or if the wasm cannot be loaded.
   *
   * @param {() => [any, any]} check returns the iterator of the devices and the options
   */
  async begin(check) {
    try {
      const [iterator, given] = check();
      [this.#source, this.#given] = [new Source(iterator), given];
      this.#enter(current() ?? (await loadUnlessAborted(given?.signal)));
    } catch (failure) {
      this.#close();
      throw failure;
    }
    if (this.#fleet) await this.#feed();
    else this.#close();
  }

  /** Ends the fleet at once. Resolves when the last record is kept. */
  stop() {
    this.#isStopped = true;
    this.#fleet?.abort();
    return this.#hasEnded;
  }

  /** The caller has read a result. */
  onRead() {
    if (!this.#isFull) this.#readMore();
  }

  /** @param {Instance} instance */
  #enter(instance) {
    if (this.#isStopped) return;
    const signal = this.#given?.signal;
    if (instance.trap) throw instance.trap;
    this.#fleet = new instance.wasm.Fleet(this.#token, this.#given, this.#port());
    if (isAborted(signal)) throw [abortReason(signal)];
    this.#call.instance = instance;
    instance.calls.add(this.#call);
    if (signal !== undefined) this.#forgetSignal = onSignal(signal, () => this.#fail([abortReason(signal)]));
  }

  /** Reads the records and the devices. Nothing is started before all records are read. */
  async #feed() {
    try {
      const resume = this.#given?.resume;
      if (resume !== undefined) this.#records = new Source(iteratorOf(resume));
      const records = this.#records ? await readRecords(this.#records) : [];
      for (const [deviceId, record] of records) this.#add(deviceId, record);
      await this.#addAll();
      this.#fleet?.noMoreDevices();
    } catch (failure) {
      // When the fleet has ended, nobody needs the devices any more.
      if (this.#fleet) this.#fail(failure);
    }
  }

  /** Adds devices until all are read, or the fleet ends. */
  async #addAll() {
    while (this.#source) {
      const { done, value } = await this.#source.next();
      if (done) return;
      this.#addItem(value);
      if (this.#isFull) await new Promise((resolve) => (this.#readMore = () => resolve(undefined)));
    }
  }

  /** Whether no more devices are read, because those without a result, and results that were not read, take memory. */
  get #isFull() {
    return this.#open + this.#queue.size >= MOST_OPEN;
  }

  /** @param {any} item an id, an object with the id and a signal, or a device of Graph */
  #addItem(item) {
    const deviceId = typeof item === "string" ? item : (member(item, "deviceId") ?? member(item, "id"));
    const signal = typeof item === "string" ? undefined : signalOf(item);
    if (signal !== undefined) return this.#addWithSignal(deviceId, signal);
    if (!this.#keys.has(deviceId)) this.#add(deviceId);
  }

  /** A device that is named again may have another signal: each of them ends it. @param {any} deviceId @param {any} signal */
  #addWithSignal(deviceId, signal) {
    let key = this.#keys.get(deviceId);
    const isNew = key === undefined;
    const known = this.#device(key);
    if (known ? known.signals?.has(signal) : !isNew) return;
    const abort = () => this.#fleet?.abortDevice(key);
    const forget = listened(signal, abort);
    if (!forget) return isNew ? this.#refuse(deviceId, NO_SIGNAL) : undefined;
    key ??= this.#add(deviceId, undefined, signal);
    const device = this.#device(key);
    if (!device) return forget();
    device.signals ??= new Map();
    device.signals.set(signal, forget);
    if (isAborted(signal)) abort();
  }

  /** The device of a key, unless it has ended. @param {number | undefined} key */
  #device(key) {
    return key === undefined ? undefined : this.#devices[key];
  }

  /** A token that was passed as an id must not appear in its result. @param {any} deviceId */
  #shown(deviceId) {
    return isShown(deviceId, this.#token) ? deviceId : "";
  }

  /** @param {any} deviceId @param {string} problem */
  #refuse(deviceId, problem) {
    if (typeof deviceId === "string") this.#keys.set(deviceId, NO_KEY);
    this.#queue.push(toResult(this.#shown(deviceId), { ...NOT_ADDED, error: invalid("deviceIds", problem), endedAt: unixTime() }));
  }

  /**
   * Adds a device; returns its key.
   *
   * @param {any} deviceId @param {FlatRecord} [record] @param {AbortSignal} [signal]
   */
  #add(deviceId, record, signal) {
    if (!this.#fleet) return;
    const key = this.#devices.push({ deviceId: this.#shown(deviceId) }) - 1;
    if (typeof deviceId === "string") this.#keys.set(deviceId, key);
    this.#open += 1;
    this.#fleet.add(deviceId, record, isAborted(/** @type {any} */ (signal)));
    return key;
  }

  /**
   * Ends the fleet. The first failure is thrown; but a lost record is more than the reason of an abort, which the caller knows.
   *
   * @param {unknown} failure as what a call of the wasm rejects with
   * @param {boolean} [isOfRecord]
   */
  #fail(failure, isOfRecord = false) {
    const counts = this.#reason === undefined || (isOfRecord && !this.#hasLostRecords);
    this.#hasLostRecords ||= isOfRecord;
    if (!counts) return;
    if (this.#fleet) {
      this.#reason = failure;
      this.#fleet.abort();
    } else if (Array.isArray(failure)) {
      report(failure[0]);
    }
  }

  /** Why the fleet failed, for a loop that was left before it could throw that; an array around it, or undefined. */
  get failure() {
    return this.#reason === undefined ? undefined : [this.#reason];
  }

  #port() {
    return {
      facts: (/** @type {number} */ key) => this.#devices[key],
      keepRecord: (/** @type {number} */ key, /** @type {number} */ number, /** @type {FlatRecord} */ record) =>
        this.#keepRecord(key, number, record),
      event: (/** @type {number} */ key, /** @type {any} */ event) => {
        event.deviceId = this.#devices[key]?.deviceId;
        this.#notify(event);
      },
      fleetEvent: (/** @type {any} */ event) => this.#notify(toFleetEvent(event)),
      result: (/** @type {number} */ key, /** @type {any} */ result) => this.#result(key, result),
      done: (/** @type {unknown} */ failure) => this.#done(failure),
    };
  }

  /** @param {number} key @param {number} number @param {FlatRecord} record */
  #keepRecord(key, number, record) {
    const device = this.#devices[key];
    if (!device) return;
    device.record = record;
    this.#unkept.set(key, number);
    const kept = () => {
      if (this.#unkept.get(key) === number) this.#unkept.delete(key);
      this.#fleet?.recordKept(key, number);
    };
    // A record that cannot be kept ends the fleet, which must not wait for it then.
    const failed = (/** @type {unknown} */ failure) => {
      this.#fail([failure], true);
      kept();
    };
    const onState = this.#given?.onState;
    if (!onState) return kept();
    try {
      const result = onState(toRecord(device.deviceId, record));
      if (typeof result?.then === "function") Promise.resolve(result).then(kept, failed);
      else kept();
    } catch (failure) {
      failed(failure);
    }
  }

  /** @param {any} event */
  #notify(event) {
    const onProgress = this.#given?.onProgress;
    if (!onProgress) return;
    /** @type {Promise<unknown>[]} */
    const results = [];
    try {
      notify(onProgress, event, results);
      results[0]?.catch((failure) => this.#fail([failure]));
    } catch (failure) {
      this.#fail([failure]);
    }
  }

  /** @param {number} key @param {any} result */
  #result(key, result) {
    const device = this.#devices[key];
    if (!device) return;
    device.signals?.forEach((forget) => forget());
    this.#devices[key] = undefined;
    this.#open -= 1;
    this.#queue.push(toResult(device.deviceId, result));
    if (!this.#isFull) this.#readMore();
  }

  /**
   * The fleet has ended. If some devices have no result, because the wasm failed, their last records say what is known.
   *
   * @param {unknown} failure
   */
  #end(failure) {
    this.#devices.forEach((device, key) => device && this.#result(key, lastKnown(device, failure)));
    this.#close();
    // Ending the loop is no error.
    this.#queue.end(this.#isStopped || failure === undefined ? undefined : [failure]);
  }

  /** The fleet is done. It has waited for onState as long as it may. @param {unknown} failure */
  #done(failure) {
    if (this.#unkept.size > 0 && !this.#hasLostRecords) {
      this.#hasLostRecords = true;
      this.#reason = UNKEPT;
    }
    this.#end(this.#reason ?? failure);
  }

  #close() {
    const [fleet, source, records] = [this.#fleet, this.#source, this.#records];
    this.#fleet = this.#source = this.#records = undefined;
    this.#forgetSignal?.();
    this.#call.instance?.calls.delete(this.#call);
    // The fleet is still in use by the wasm when it says that it is done.
    Promise.resolve().then(() => fleet?.free());
    source?.close();
    records?.close();
    this.#readMore();
    this.#ended();
  }
}

/** The number of devices without a result, and of results that were not read, at which no more devices are read. */
const MOST_OPEN = 50_000;
const NO_SIGNAL = "has a device whose signal is not an AbortSignal";
const NOT_ADDED = { outcome: "refused", attempts: 0 };
/** The key of a device that was refused here. */
const NO_KEY = -1;
const UNKEPT = {
  message: "options.onState did not settle, so the last records may be lost",
  code: "timeout",
  hint: "Make onState settle. The results of the fleet have the locations of all runs.",
  mayHaveStarted: false,
};

/** The result of a device whose fleet failed, from its last record. @param {OpenDevice} device @param {unknown} failure */
function lastKnown({ record, location: noted }, failure) {
  const location = record?.location ?? noted;
  const hasStarted = location === undefined ? record?.state === "starting" : true;
  const endedAt = unixTime();
  // A replaced clock that failed must not fail the next fleet.
  takeFailure();
  const open = location !== undefined ? "stillRunning" : hasStarted ? "lost" : "notStarted";
  return {
    outcome: record?.outcome ?? open,
    location,
    startedAt: record?.startedAt,
    endedAt,
    attempts: record?.attempts ?? 0,
    error: Array.isArray(failure) || record?.outcome ? undefined : failure,
    mayHaveStarted: hasStarted,
  };
}

/** The signal of an item; null, which is none, if it cannot be read. @param {any} item */
function signalOf(item) {
  try {
    void item?.signal;
  } catch {
    return null;
  }
  return member(item, "signal");
}

/** The same as `onSignal`; undefined if this is no signal, or cannot be listened to. @param {any} signal @param {() => void} act */
function listened(signal, act) {
  try {
    isAborted(signal);
    return typeof signal.addEventListener === "function" ? onSignal(signal, act) : undefined;
  } catch {}
}

/** Calls a function when a signal fires. Returns a function that stops that. @param {AbortSignal} signal @param {() => void} act */
function onSignal(signal, act) {
  const port = openPort(act);
  onAbort(signal, port, 0);
  return () => offAbort(signal, port);
}
