// Named callers whose calls fail in every way, to inspect the errors; for Node and for pages.

const BASE = "https://graph.microsoft.com/beta/teamwork/devices/d/operations";
const AT_ONCE = { "retry-after": "0" };

/** @type {(status: number, body?: unknown, headers?: Record<string, string>) => () => Promise<Response>} */
const respond =
  (status, body = {}, headers = AT_ONCE) =>
  async () =>
    new Response(JSON.stringify(body), { status, headers });
const accept = () => new Response(null, { status: 202, headers: { location: `${BASE}/o` } });
/** @param {string} status */
const polled = (status) => respond(200, { value: { id: "o", operationType: "deviceDiagnostics", status } });
const unavailable = respond(503);
const token = async () => "token";
/** @param {string} _url @param {{ signal: AbortSignal }} init */
const silence = (_url, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** @typedef {() => any} Fail makes a call that fails; returns its promise or its list */

/**
 * @param {any} api
 * @param {() => void} trap makes the next call of the wasm trap
 * @returns {Record<string, Record<string, Fail>>}
 */
export function waysToFail(api, trap) {
  const { getOperation, listDevices, listOperations, runDiagnostics, waitForOperation } = api;
  /** @param {() => Response | Promise<Response>} respond */
  const trapping = (respond) => async () => {
    trap();
    return respond();
  };
  return {
    invalidArgument: {
      run: () => runDiagnostics("token", ""),
      wait: () => waitForOperation(""),
      get: () => getOperation(`${BASE}/o`, { token, timeout: -1 }),
      list: () => listOperations("token", 7),
    },
    missingToken: {
      wait: () => waitForOperation(`${BASE}/unknown`),
      get: () => getOperation(`${BASE}/unknown`),
    },
    unauthorized: {
      run: () => runDiagnostics(() => Promise.reject(new Error("no token")), "d", {}),
    },
    serviceError: {
      run: () => runDiagnostics(token, "d", { fetch: unavailable, maxRetries: 1 }),
      wait: () => waitForOperation(`${BASE}/o`, { token, fetch: unavailable, patience: 1 }),
      get: () => getOperation(`${BASE}/o`, { token, fetch: unavailable, maxRetries: 1 }),
      list: () => listOperations(token, "d", { fetch: unavailable, maxRetries: 1 }),
      devices: () => listDevices(token, { fetch: unavailable, maxRetries: 1 }),
    },
    network: {
      get: () => getOperation(`${BASE}/o`, { token, maxRetries: 0, fetch: () => Promise.reject(new TypeError("no network")) }),
    },
    timeout: {
      get: () => getOperation(`${BASE}/o`, { token, timeout: 50, maxRetries: 0, fetch: silence }),
    },
    operationTimeout: {
      wait: () => waitForOperation(`${BASE}/o`, { token, operationTimeout: 120, pollInterval: 20, fetch: polled("InProgress") }),
    },
    operationFailed: {
      wait: async () => waitForOperation(await runDiagnostics(token, "d", { fetch: accept }), { fetch: polled("Failed") }),
    },
    // Each of these leaves an unusable instance; the next call gets a new one.
    internal: {
      run: () => runDiagnostics(token, "d", { fetch: trapping(accept) }),
      wait: () => waitForOperation(`${BASE}/o`, { token, fetch: trapping(polled("Queued")) }),
      get: () => getOperation(`${BASE}/o`, { token, fetch: trapping(polled("Queued")) }),
      list: () => listOperations(token, "d", { fetch: trapping(respond(200, { value: [] })) }),
    },
  };
}

/** The error of a call in functions whose names must be in its stack. @param {Fail} fail */
async function innerCallerByName(fail) {
  const result = fail();
  if (result[Symbol.asyncIterator]) for await (const _ of result);
  else await result;
}

/** @param {Fail} fail */
export async function outerCallerByName(fail) {
  await innerCallerByName(fail);
}

/** Describes each failure. @param {any} api @param {() => void} trap @param {(error: unknown) => string} [inspect] */
export async function failures(api, trap, inspect = String) {
  const all = [];
  for (const [code, ways] of Object.entries(waysToFail(api, trap))) {
    for (const [call, fail] of Object.entries(ways)) {
      const error = await outerCallerByName(fail).catch((error) => error);
      all.push({ name: `${code} of ${call}`, expected: code, ...described(error, inspect), guarded: api.isDiagnosticsError(error) });
    }
  }
  return all;
}

/** @param {any} error @param {(error: unknown) => string} [inspect] */
export const described = (error, inspect = String) => ({
  code: error?.code,
  stack: error?.stack,
  class: error?.constructor?.name,
  tag: Object.prototype.toString.call(error),
  text: String(error),
  inspected: inspect(error),
});

/** Wraps the exports of every instance of the package's wasm: `trap` makes the next call of the wasm throw. */
export function makeTrap() {
  let isDue = false;
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class {
    /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
    constructor(module, imports) {
      const { exports } = new Instance(module, imports);
      /** @param {Function} run */
      const wrapped =
        (run) =>
        /** @param {...unknown} args */
        (...args) => {
          if (!isDue) return run(...args);
          isDue = false;
          throw new WebAssembly.RuntimeError("unreachable");
        };
      const entries = Object.entries(exports).map(([name, it]) => [name, typeof it === "function" ? wrapped(it) : it]);
      this.exports = Object.fromEntries(entries);
    }
  };
  return () => {
    isDue = true;
  };
}
