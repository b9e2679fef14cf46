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

/** @import { Call, Instance } from "../instance.js" */
/** @import { FlatRecord } from "./records.js" */
/** @import { Queue } from "./queue.js" */

/**
 * A device without a result. The request that starts it adds the location as soon as the 202 has come.
 *
 * @typedef {{ deviceId: string, record?: FlatRecord, location?: string, forget?: () => void }} OpenDevice
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
  /** @type {any} the iterator of the devices, until it has ended */
  #source;
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
      const [source, given] = check();
      [this.#source, this.#given] = [source, given];
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
      const records = resume === undefined ? [] : await readRecords(resume);
      for (const [deviceId, record] of records) this.#add(deviceId, record);
      await this.#addAll();
      this.#fleet?.noMoreDevices();
    } catch (failure) {
      // When the fleet has ended, nobody needs the devices any more.
      if (this.#fleet) this.#fail(failure);
    }
  }

  /** Adds devices until the iterator or the fleet ends. A synchronous iterator is read without a break. */
  async #addAll() {
    while (this.#fleet) {
      const { done, value } = await this.#nextItem();
      if (done) {
        this.#source = undefined;
        return;
      }
      this.#addItem(value);
    }
  }

  /** The next step of the caller's iterator. */
  #nextItem() {
    try {
      const step = this.#source.next();
      return typeof step?.then === "function" ? step.then(undefined, asThrown) : step;
    } catch (failure) {
      return asThrown(failure);
    }
  }

  /** @param {any} item an id, an object with the id and a signal, or a device of Graph */
  #addItem(item) {
    const deviceId = typeof item === "string" ? item : (member(item, "deviceId") ?? member(item, "id"));
    const signal = typeof item === "string" ? undefined : member(item, "signal");
    if (signal !== undefined && typeof signal?.addEventListener !== "function")
      return this.#queue.push(
        toResult(isShown(deviceId, this.#token) ? deviceId : "", {
          ...NOT_ADDED,
          error: invalid("deviceIds", NO_SIGNAL),
          endedAt: unixTime(),
        }),
      );
    const key = this.#keys.get(deviceId) ?? this.#add(deviceId, undefined, signal);
    const device = key === undefined ? undefined : this.#devices[key];
    if (signal === undefined || !device) return;
    device.forget?.();
    device.forget = onSignal(signal, () => this.#fleet?.abortDevice(key));
    if (isAborted(signal)) this.#fleet?.abortDevice(key);
  }

  /**
   * Adds a device; returns its key.
   *
   * @param {any} deviceId @param {FlatRecord} [record] @param {AbortSignal} [signal]
   */
  #add(deviceId, record, signal) {
    if (!this.#fleet) return;
    // A token that was passed as an id must not appear in its result.
    const key = this.#devices.push({ deviceId: isShown(deviceId, this.#token) ? deviceId : "" }) - 1;
    if (typeof deviceId === "string") this.#keys.set(deviceId, key);
    this.#fleet.add(deviceId, record, isAborted(/** @type {any} */ (signal)));
    return key;
  }

  /**
   * Ends the fleet. Only the first failure is thrown; but records that are lost after an abort must not be lost in silence.
   *
   * @param {unknown} failure as what a call of the wasm rejects with
   * @param {boolean} [isOfRecord]
   */
  #fail(failure, isOfRecord = false) {
    const isFirst = this.#reason === undefined;
    if (this.#fleet && isFirst) {
      this.#reason = failure;
      this.#fleet.abort();
    } else if (Array.isArray(failure) && (isOfRecord ? !this.#hasLostRecords : isFirst)) {
      report(failure[0]);
    }
    this.#hasLostRecords ||= isOfRecord;
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
      done: (/** @type {unknown} */ failure) => this.#end(this.#reason ?? failure),
    };
  }

  /** @param {number} key @param {number} number @param {FlatRecord} record */
  #keepRecord(key, number, record) {
    const device = this.#devices[key];
    if (!device) return;
    device.record = record;
    const kept = () => this.#fleet?.recordKept(key, number);
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
    device.forget?.();
    this.#devices[key] = undefined;
    this.#queue.push(toResult(device.deviceId, result));
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

  #close() {
    const [fleet, source] = [this.#fleet, this.#source];
    this.#fleet = this.#source = undefined;
    this.#forgetSignal?.();
    this.#call.instance?.calls.delete(this.#call);
    // The fleet is still in use by the wasm when it says that it is done.
    Promise.resolve().then(() => fleet?.free());
    close(source);
    this.#ended();
  }
}

const NO_SIGNAL = "has a device whose signal is not an AbortSignal";
const NOT_ADDED = { outcome: "refused", attempts: 0 };

/** Throws what the caller's own code threw, as a call of the wasm rejects with it. @param {unknown} failure @returns {never} */
function asThrown(failure) {
  throw [failure];
}

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

/** Ends the caller's iterator early. @param {any} source */
function close(source) {
  // Its failures concern nobody any more.
  try {
    Promise.resolve(source?.return?.()).catch(() => {});
  } catch {}
}

/** Calls a function when a signal fires. Returns a function that stops that. @param {AbortSignal} signal @param {() => void} act */
function onSignal(signal, act) {
  const port = openPort(act);
  onAbort(signal, port, 0);
  return () => offAbort(signal, port);
}
