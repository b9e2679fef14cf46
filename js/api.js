// The calls of the package. Each begins in the wasm in the caller's async context: immediately, or after the wasm is loaded.
import { isAborted, readOptions } from "../src/bindings/host.js";
import { AsyncIterator } from "./async-iterator.js";
import { settled, unlessThrown } from "./call.js";

export { DiagnosticsError, isDiagnosticsError } from "./errors.js";

/** @import { Instance } from "./instance.js" */

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
