// A fleet as an async iterable: what concerns the caller (iterables, signals, callbacks) happens here, everything else in the wasm.
import { OPTIONS, member, readOptions } from "../../src/bindings/host.js";
import { AsyncIterator } from "../async-iterator.js";
import { unlessThrown } from "../call.js";
import { toError } from "../failures.js";
import { Queue } from "./queue.js";
import { invalid } from "./records.js";
import { Session } from "./session.js";
import { iteratorOf } from "./source.js";

/** @import { DeviceResult } from "../types/fleet.d.ts" */

const FLEET_OPTIONS = new Set([...OPTIONS, "concurrency", "maxRequestsPerSecond", "pauseTimeout", "resume", "onState"]);

/**
 * @param {unknown} token @param {any} deviceIds @param {unknown} [options]
 * @returns {AsyncIterableIterator<DeviceResult>}
 */
export function runDiagnosticsOnDevices(token, deviceIds, options) {
  const queue = new Queue();
  // Read now, not with the first `next()`, because the caller may change them.
  const given = readOptions(options, FLEET_OPTIONS);
  /** @type {Session | undefined} */
  let session;
  const begin = () => {
    session = new Session(token, queue);
    return session.begin(() => [check(deviceIds, unlessThrown(given)), given]);
  };
  // Errors are created here, so that their stack names the caller.
  const next = async () => {
    if (!session) begin().catch((failure) => queue.end([failure]));
    try {
      const result = await queue.next();
      session?.onRead();
      return result;
    } catch (failure) {
      throw toError(failure, { token }, given);
    }
  };
  return Object.assign(Object.create(AsyncIterator), {
    next,
    return: async (/** @type {unknown} */ value) => {
      if (session) await session.stop();
      else session = new Session(token, queue).closed();
      queue.clear();
      queue.end();
      if (session.failure) throw toError(session.failure[0], { token }, given);
      return { value: await value, done: true };
    },
  });
}

/** Checks what the wasm does not see. Returns the iterator of the devices. @param {any} deviceIds @param {any} given */
function check(deviceIds, given) {
  if (member(given, "onState") !== undefined && typeof given.onState !== "function") throw invalid("options.onState", "must be a function");
  const { resume } = given ?? {};
  if (resume !== undefined && (typeof resume !== "object" || !(resume?.[Symbol.asyncIterator] ?? resume?.[Symbol.iterator])))
    throw invalid("options.resume", "must be an iterable or async iterable of records");
  const iterator = iteratorOf(deviceIds);
  if (typeof iterator?.next !== "function")
    throw invalid("deviceIds", "must be an iterable or async iterable of ids or devices, such as an array");
  return iterator;
}
