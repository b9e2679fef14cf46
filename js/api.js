// The calls of the package. Each begins in the wasm in the caller's async context: immediately, or after the wasm is loaded.
import { abortReason, isAborted, offAbort, onAbort, openPort, readOptions } from "../src/bindings/host.js";
import { toError } from "./failures.js";
import { current, load } from "./instance.js";

export { DiagnosticsError, isDiagnosticsError } from "./errors.js";

/** @import { Facts } from "./failures.js" */
/** @import { Call, Instance } from "./instance.js" */
/** @typedef {(wasm: any, options: unknown, owner: Instance) => Promise<any>} Perform */

/** @param {unknown} token @param {unknown} deviceId @param {unknown} [options] */
export const runDiagnostics = (token, deviceId, options) => {
  // The wasm adds the location as soon as it is known, so that a trap does not lose a started run.
  const facts = { token, deviceId, mayHaveStarted: true };
  return settled((wasm, given) => wasm.runDiagnostics(token, deviceId, given, facts), options, facts);
};

/** @param {unknown} location @param {unknown} [options] */
export const waitForOperation = (location, options) =>
  settled((wasm, given) => wasm.waitForOperation(location, given), options, { location });

/** @param {unknown} location @param {unknown} [options] */
export const getOperation = (location, options) => settled((wasm, given) => wasm.getOperation(location, given), options, { location });

// In the wasm an undefined id means the devices of the tenant, so a missing id must not be undefined.
/** @param {unknown} token @param {unknown} deviceId @param {unknown} [options] */
export const listOperations = (token, deviceId, options) => list(token, deviceId ?? null, options);

/** @param {unknown} token @param {unknown} [options] */
export const listDevices = (token, options) => list(token, undefined, options);

// The prototype of all async iterators.
const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

/**
 * This is not a generator, because each page is read in the async context of the `next()` that needs it, and zone.js does not follow
 * a native `await`.
 *
 * @param {unknown} token @param {unknown} deviceId @param {unknown} options
 * @returns {AsyncIterableIterator<unknown>}
 */
function list(token, deviceId, options) {
  const facts = { token, deviceId };
  /** @type {Instance | undefined} */
  let instance;
  /** @type {any} */
  let reader;
  let items = [].values();
  let hasEnded = false;
  // Read now, not with the first page, because the caller may change them.
  const given = readOptions(options);
  /** @type {Promise<any>} the last `next()` or `return()`; the following one waits for it */
  let last = Promise.resolve();
  const inTurn = (/** @type {() => any} */ act) => (last = last.then(act, act));

  const readPage = () =>
    settled(
      async (wasm, _, owner) => {
        instance = owner;
        reader ??= new wasm.PageReader(token, deviceId, unlessThrown(given));
        return reader.next();
      },
      given,
      facts,
      instance,
    );

  /** @returns {any} */
  const next = () => {
    // After an abort the rest of the page is dropped, so that reading the next one rejects with the reason.
    if (isAborted(/** @type {any} */ (given)?.signal)) items = [].values();
    const item = items.next();
    if (!item.done) return item;
    if (hasEnded) return end();
    return readPage().then(
      (page) => {
        if (!page) return end();
        items = page.values();
        return next();
      },
      (error) => {
        end();
        throw error;
      },
    );
  };

  const end = (/** @type {unknown} */ value = undefined) => {
    hasEnded = true;
    items = [].values();
    reader?.free();
    reader = undefined;
    return { value, done: true };
  };

  return Object.assign(Object.create(AsyncIterator), {
    next: () => inTurn(next),
    return: (/** @type {unknown} */ value) =>
      inTurn(async () => {
        end();
        return { value: await value, done: true };
      }),
  });
}

/**
 * The result of a call. Errors are created here, so that their stack names the caller. This is the only async function around a call:
 * another one would cost half a kilobyte of memory for each waiting call.
 *
 * @param {Perform} perform
 * @param {unknown} options
 * @param {Facts} facts
 * @param {Instance} [instance] the instance that the call belongs to
 */
async function settled(perform, options, facts, instance = current()) {
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
function loadUnlessAborted(signal) {
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
function unlessThrown(given) {
  if (Array.isArray(given)) throw given;
  return given;
}
