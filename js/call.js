// The life of one call: it begins in the wasm, immediately or after the wasm is loaded, and ends with a result or an error.
import { abortReason, isAborted, offAbort, onAbort, openPort, readOptions } from "../src/bindings/host.js";
import { toError } from "./failures.js";
import { current, load } from "./instance.js";

/** @import { Facts } from "./failures.js" */
/** @import { Call, Instance } from "./instance.js" */
/** @typedef {(wasm: any, options: unknown, owner: Instance) => Promise<any>} Perform */

/**
 * The result of a call. Errors are created here, so that their stack names the caller. This is the only async function around a call:
 * another one would cost half a kilobyte of memory for each waiting call.
 *
 * @param {Perform} perform
 * @param {unknown} options
 * @param {Facts} facts
 * @param {Instance} [instance] the instance that the call belongs to
 */
export async function settled(perform, options, facts, instance = current()) {
  /** @type {Call} */
  const call = { instance: undefined, reject: undefined };
  try {
    return await (instance ? begin(call, instance, perform, options) : loadAndBegin(call, perform, options));
  } catch (failure) {
    throw toError(failure, facts, options);
  } finally {
    call.instance?.calls.delete(call);
  }
}

/** @param {Call} call @param {Perform} perform @param {unknown} options */
function loadAndBegin(call, perform, options) {
  // Read now, because the caller may change them while the wasm loads.
  const given = readOptions(options);
  return loadUnlessAborted(given?.signal).then((loaded) => begin(call, loaded, perform, unlessThrown(given)));
}

/**
 * The instance. Rejects if the signal fires before it is loaded: the instance cannot listen to the signal until then.
 *
 * @param {any} signal any value; if it is not a signal, the wasm refuses it later
 * @returns {Promise<Instance>}
 */
export function loadUnlessAborted(signal) {
  const loaded = load();
  const port = openPort(undefined);
  const aborted = new Promise((_, reject) => {
    port.arrive = () => reject([abortReason(signal)]);
  });
  try {
    onAbort(signal, port, 0);
  } catch {
    return loaded;
  }
  if (isAborted(signal)) port.arrive?.(0, 0);
  return Promise.race([aborted, loaded]).finally(() => offAbort(signal, port));
}

/**
 * Begins a call. It also rejects when the wasm traps, because the instance then settles no promise any more.
 *
 * @param {Call} call
 * @param {Instance} instance
 * @param {Perform} perform
 * @param {unknown} options
 */
const begin = (call, instance, perform, options) =>
  new Promise((resolve, reject) => {
    call.instance = instance;
    call.reject = reject;
    if (instance.trap) return reject(instance.trap);
    instance.calls.add(call);
    perform(instance.wasm, options, instance).then(resolve, reject);
  });

/** The options that were read; throws if reading them threw. @param {unknown} given */
export function unlessThrown(given) {
  if (Array.isArray(given)) throw given;
  return given;
}
