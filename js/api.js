// The package's calls. What the wasm does for one begins in the caller's async context: at once, or in the continuation of loading.
import { DiagnosticsError } from "./errors.js";
import { current, load } from "./instance.js";

export { DiagnosticsError, isDiagnosticsError } from "./errors.js";

/** @typedef {import("./instance.js").Instance} Instance */
/** @typedef {{ deviceId?: unknown, location?: unknown, mayHaveStarted?: boolean }} Facts what is known of a call from its arguments */

// Each is async and awaits, so that an error is made in the caller's own chain of calls: its stack names the caller.

/** @param {unknown} token @param {unknown} deviceId @param {unknown} [options] */
export async function runDiagnostics(token, deviceId, options) {
  return await settled((wasm) => wasm.runDiagnostics(token, deviceId, options), { deviceId, mayHaveStarted: true });
}

/** @param {unknown} location @param {unknown} [options] */
export async function waitForOperation(location, options) {
  return await settled((wasm) => wasm.waitForOperation(location, options), { location });
}

/** @param {unknown} location @param {unknown} [options] */
export async function getOperation(location, options) {
  return await settled((wasm) => wasm.getOperation(location, options), { location });
}

// Undefined stands for the tenant's devices in the wasm.
/** @param {unknown} token @param {unknown} deviceId @param {unknown} [options] */
export const listOperations = (token, deviceId, options) => list(token, deviceId ?? null, options);

/** @param {unknown} token @param {unknown} [options] */
export const listDevices = (token, options) => list(token, undefined, options);

// What all asynchronous iterators of the host can do.
const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype));

/**
 * No generator: each page is read in the context of who asks for it, and zone.js does not follow `await`.
 *
 * @param {unknown} token @param {unknown} deviceId @param {unknown} options
 * @returns {AsyncIterableIterator<unknown>}
 */
function list(token, deviceId, options) {
  const facts = deviceId == null ? {} : { deviceId };
  /** @type {Instance | undefined} */
  let instance;
  /** @type {any} */
  let reader;
  let items = [].values();
  let hasEnded = false;
  /** @type {Promise<any>} the last thing that was asked for: what comes next waits for it */
  let last = Promise.resolve();
  const inTurn = (/** @type {() => any} */ act) => (last = last.then(act, act));

  const readPage = () =>
    settled(async (wasm, owner) => {
      instance = owner;
      reader ??= new wasm.PageReader(token, deviceId, options);
      return reader.next();
    }, facts, instance);

  /** @returns {any} */
  const next = () => {
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
    return: (/** @type {unknown} */ value) => inTurn(async () => end(await value)),
  });
}

/**
 * The result of a call.
 *
 * @param {(wasm: any, owner: Instance) => Promise<any>} perform
 * @param {Facts} facts
 * @param {Instance} [instance] the one that the call belongs to
 */
async function settled(perform, facts, instance = current()) {
  const call = instance ? guarded(instance, perform, facts) : load().then((loaded) => guarded(loaded, perform, facts));
  try {
    return await call;
  } catch (failure) {
    throw toError(failure);
  }
}

/**
 * Performs a call; should the wasm trap, all that an instance still has to do rejects, with what is known of each.
 *
 * @param {Instance} instance
 * @param {(wasm: any, owner: Instance) => Promise<any>} perform
 * @param {Facts} facts
 */
function guarded(instance, perform, facts) {
  return new Promise((resolve, reject) => {
    const trapped = (/** @type {unknown} */ cause) => reject({ ...INTERNAL, ...facts, cause });
    if (instance.trap) return trapped(instance.trap);
    instance.calls.add(trapped);
    const end = (/** @type {(result: any) => void} */ settle) => (/** @type {any} */ result) => {
      instance.calls.delete(trapped);
      settle(result);
    };
    perform(instance.wasm, instance).then(end(resolve), end(reject));
  });
}

const INTERNAL = {
  message: "A defect of teams-device-diagnostics ended this call",
  code: "internal",
  hint: "Report it, with the cause. What runs on the device goes on",
  mayHaveStarted: false,
};

// The wasm rejects with the members of a DiagnosticsError, or with an array around what the caller's own code threw.
/** @param {any} failure */
function toError(failure) {
  if (Array.isArray(failure)) return failure[0];
  if (failure instanceof Error) return failure;
  const { message, cause, ...fields } = failure;
  return new DiagnosticsError(message, fields, cause);
}
