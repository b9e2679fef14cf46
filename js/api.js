// The package's calls. What the wasm does for one begins in the caller's async context: at once, or in the continuation of loading.
import { abortReason, isAborted, offAbort, onAbort, openPort, readOptions } from "../src/bindings/host.js";
import { toError } from "./failures.js";
import { current, load } from "./instance.js";

export { DiagnosticsError, isDiagnosticsError } from "./errors.js";

/** @import { Facts } from "./failures.js" */
/** @import { Call, Instance } from "./instance.js" */
/** @typedef {(wasm: any, options: unknown, owner: Instance) => Promise<any>} Perform */

/** @param {unknown} token @param {unknown} deviceId @param {unknown} [options] */
export const runDiagnostics = (token, deviceId, options) => {
  // The wasm adds the location as soon as Graph has named it: a trap must not lose what was started.
  const facts = { token, deviceId, mayHaveStarted: true };
  return settled((wasm, given) => wasm.runDiagnostics(token, deviceId, given, facts), options, facts);
};

/** @param {unknown} location @param {unknown} [options] */
export const waitForOperation = (location, options) =>
  settled((wasm, given) => wasm.waitForOperation(location, given), options, { location });

/** @param {unknown} location @param {unknown} [options] */
export const getOperation = (location, options) => settled((wasm, given) => wasm.getOperation(location, given), options, { location });

// Undefined stands for the tenant's devices in the wasm.
/** @param {unknown} token @param {unknown} deviceId @param {unknown} [options] */
export const listOperations = (token, deviceId, options) => list(token, deviceId ?? null, options);

/** @param {unknown} token @param {unknown} [options] */
export const listDevices = (token, options) => list(token, undefined, options);

// What all asynchronous iterators of the host can do.
const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

/**
 * No generator: each page is read in the context of who asks for it, and zone.js does not follow `await`.
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
  // Now, and not with the first page: the caller may change them.
  const given = readOptions(options);
  /** @type {Promise<any>} the last thing that was asked for: what comes next waits for it */
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
    // Who has aborted wants no more of the page: reading on rejects with the reason.
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
 * The result of a call. The one function that waits with the caller: an error is made in it, so that its stack names the caller; and
 * another one would cost each call that waits half a kilobyte.
 *
 * @param {Perform} perform
 * @param {unknown} options
 * @param {Facts} facts
 * @param {Instance} [instance] the one that the call belongs to
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
  // While the wasm loads, the caller may change them.
  const given = readOptions(options);
  return loadUnlessAborted(given?.signal).then((loaded) => begin(call, loaded, perform, unlessThrown(given)));
}

/**
 * The instance, unless a signal fires before there is one that could hear it.
 *
 * @param {any} signal anything: what is no signal, the wasm refuses
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
 * Begins a call, which also rejects when the wasm traps: then an instance settles nothing any more.
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

/** The options that were read, unless reading them threw. @param {unknown} given */
function unlessThrown(given) {
  if (Array.isArray(given)) throw given;
  return given;
}
