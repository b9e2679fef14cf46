// Many callers at the same time, each in its own context: the functions that a caller passes must run in that context. This file uses no
// async and await, which zone.js does not follow. All responses come from one queue outside of these contexts, like those of sockets.

import {
  ScriptedGraph,
  accepted,
  challenge,
  conflict,
  emptyList,
  firstPage,
  listed,
  lost,
  queued,
  running,
  successful,
  throttled,
  unavailable,
} from "../shared/scripted-graph.mjs";

const ROUGH = { start: [throttled, unavailable, accepted], polls: [queued, unavailable, throttled, running, running, successful] };

/**
 * The responses that a caller gets, and how it calls.
 *
 * @type {Record<string, { script: import("../shared/scripted-graph.mjs").Script, isAsync?: boolean, isList?: boolean,
 *   hasCredential?: boolean, onConflict?: "attach" }>}
 */
const SCENARIOS = {
  "retries and throttling": { script: ROUGH },
  "asynchronous onProgress": { script: ROUGH, isAsync: true },
  "a function that renews the token": { script: { start: [challenge, accepted], polls: [queued, challenge, running, successful] } },
  "a start whose response was lost": { script: { start: [lost], lists: [emptyList, listed("Queued")], polls: [running, successful] } },
  "a start that is attached": {
    script: { start: [conflict], lists: [listed("Queued")], polls: [running, successful] },
    onConflict: "attach",
  },
  "a shared credential": { script: ROUGH, hasCredential: true },
  "a list": { script: { lists: [throttled, firstPage, unavailable, challenge, listed("Queued")] }, isList: true },
};

/**
 * @typedef {object} Contexts
 * @property {(id: string, run: () => Promise<unknown>) => Promise<unknown>} inContext
 * @property {() => unknown} current the id of the current context
 * @property {(list: AsyncIterableIterator<unknown>) => Promise<unknown>} readAll
 *
 * @typedef {object} Report
 * @property {Record<string, Record<string, number>>} calls the number of calls of each function, by scenario
 * @property {string[]} strays the calls in another context
 * @property {string[]} failures
 * @property {unknown[]} tokenRequests the contexts in which the shared credential was called
 */

/**
 * @param {typeof import("teams-device-diagnostics")} api
 * @param {Contexts} contexts
 * @param {number} count
 * @returns {Promise<Report>}
 */
export function callAll(api, { inContext, current, readAll }, count) {
  const graph = new ScriptedGraph();
  /** @type {(() => void)[]} */
  const queue = [];
  const pump = setInterval(() => queue.splice(0).forEach((settle) => settle()), 3);
  /** @template Result @param {() => Result | Promise<Result>} respond @returns {Promise<Result>} */
  const later = (respond) => new Promise((resolve) => queue.push(() => resolve(respond())));
  /** @type {unknown[]} */
  const tokenRequests = [];
  const credential = {
    getToken() {
      tokenRequests.push(current());
      return later(() => ({ token: "shared", expiresOnTimestamp: Date.now() + 3_600_000 }));
    },
  };

  /** @type {Report["calls"]} */
  const calls = {};
  /** @type {string[]} */
  const strays = [];
  /** @type {string[]} */
  const failures = [];

  /** @param {string} name @param {string} id */
  function call(name, id) {
    const { script, isAsync, isList, hasCredential, onConflict } = SCENARIOS[name];
    const device = `device-${id}`;
    graph.expect(device, script);
    /** @param {string} what */
    const seen = (what) => {
      calls[name] ??= {};
      calls[name][what] = (calls[name][what] ?? 0) + 1;
      const found = current();
      if (found !== id) strays.push(`${name}: ${what} of ${id} ran in ${found}`);
    };
    let tokens = 0;
    const token = () => {
      seen("token");
      return later(() => `token-${id}-${++tokens}`);
    };
    /** @type {typeof globalThis.fetch} */
    const fetch = (url, init) => {
      seen("fetch");
      return later(() => graph.fetch(url, init));
    };
    /** @param {import("teams-device-diagnostics").ProgressEvent} event */
    const onProgress = ({ type }) => {
      seen("onProgress");
      seen(type);
      if (isAsync) return later(() => {});
    };
    const options = { fetch, onProgress, pollInterval: 25, ...(onConflict && { onConflict }) };
    if (isList) return readAll(api.listOperations(token, device, options));
    return api
      .runDiagnostics(hasCredential ? credential : token, device, options)
      .then((location) => api.waitForOperation(location, { onProgress, pollInterval: 25 }));
  }

  const names = Object.keys(SCENARIOS);
  const all = Array.from({ length: count }, (_, at) => {
    const [id, name] = [`caller-${at}`, names[at % names.length]];
    return inContext(id, () => call(name, id)).then(undefined, (error) => failures.push(`${name}: ${error}`));
  });
  return Promise.all(all).then(() => {
    clearInterval(pump);
    return { calls, strays, failures, tokenRequests };
  });
}
