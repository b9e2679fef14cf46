// What customers do with a device. Each function throws if a call does not end as expected.
import { getEventListeners } from "node:events";
import { asFetch } from "../../tests/shared/fetch.mjs";
import * as response from "../../tests/shared/scripted-graph.mjs";
import { forEver, getOperation, listOperations, runDiagnostics, service, waitForOperation } from "./surroundings.mjs";

const token = "a-token-as-long-as-a-short-one-is";
let events = 0;
const onProgress = () => (events += 1);
const shared = { fetch: service.fetch, onProgress, signal: forEver };

/**
 * What a customer does with a device, in this order.
 *
 * @typedef {object} Scenario
 * @property {import("teams-device-diagnostics").TokenSource} [token]
 * @property {import("teams-device-diagnostics").RunOptions} [options] of both calls
 * @property {import("teams-device-diagnostics").WaitOptions} [waiting] of the wait
 * @property {string} [code] of the expected error
 * @property {string} [at] when the signal fires
 * @property {import("../../tests/shared/scripted-graph.mjs").Respond} [later] the response when the customer waits for the operation again
 *
 * @typedef {Scenario & import("../../tests/shared/scripted-graph.mjs").Script} Scripted
 *
 * @typedef {(device: string) => Promise<void>} Customer
 */

/** The ways in which a call can end. @type {Record<string, Customer>} */
export const SCENARIOS = {
  succeeds: follows({ polls: [response.queued, response.running, response.running, response.successful] }),
  fails: follows({ polls: [response.queued, response.failed], code: "operationFailed" }),
  "is cancelled": follows({ polls: [response.running, response.cancelled], code: "operationCancelled" }),
  "throttled, Retry-After: 0": follows({
    start: [response.throttled, response.accepted],
    polls: [response.throttled, response.successful],
  }),
  "unavailable for a moment": follows({
    start: [response.unavailable, response.accepted],
    polls: [response.unavailable, response.successful],
  }),
  "connection lost at a poll": follows({ polls: [response.queued, response.lost, response.successful] }),
  "no response to a poll": follows({ polls: [response.silence, response.successful], options: { timeout: 9_000 } }),
  "body never ends": follows({ polls: [response.endlessBody, response.successful], options: { timeout: 9_000 } }),
  "response is not JSON": follows({ polls: [response.noJson], code: "protocol", waiting: { patience: 0 }, later: response.successful }),
  "token from a function": follows({ token: () => token }),
  "token from a slow function": follows({ token: () => new Promise((resolve) => setTimeout(resolve, 1, token)) }),
  "token from a credential": follows({ token: credential(), polls: [response.queued, response.successful] }),
  "token renewed for claims": follows({ token: credential(), polls: [response.challenge, response.successful] }),
  "token source fails": starts({ token: () => Promise.reject(new Error("signed out")), code: "unauthorized" }),
  "not allowed": starts({ start: [response.forbidden], code: "forbidden" }),
  conflict: starts({ start: [response.conflict], lists: [response.listed("Queued")], code: "conflict", later: response.successful }),
  "conflict, attached": follows({
    start: [response.conflict],
    lists: [response.listed("InProgress")],
    options: { onConflict: "attach" },
  }),
  "start lost, found in the list": follows({ start: [response.lost], lists: [response.listed("InProgress")] }),
  "start unanswered, found in the list": follows({
    start: [response.silence],
    lists: [response.firstPage, response.listed("Queued")],
    options: { timeout: 9_000 },
  }),
  "out of time": follows({
    polls: [response.running],
    code: "operationTimeout",
    waiting: { operationTimeout: 9_000 },
    later: response.successful,
  }),
  "aborted before the start": aborts({ at: "once" }),
  "aborted in the token source": aborts({ at: "token" }),
  "aborted while starting": aborts({ start: [response.silence], at: "request" }),
  "aborted during a poll": aborts({ polls: [response.silence], at: "poll", later: response.successful }),
  "aborted in a body": aborts({ polls: [response.endlessBody], at: "poll", later: response.successful }),
  "aborted between polls": aborts({ polls: [response.running], at: "status", later: response.successful }),
  "aborted in a backoff": aborts({ polls: [response.unavailable], at: "retry", later: response.successful }),
  "progress callback throws": throwing,
  "polled with single polls": pollsNowAndThen,
  "list, completely read": lists({ pages: 2 }),
  "list, left early": lists({ pages: 1 }),
};

/** Starts a run and waits until it ends. @param {Scripted} scenario @returns {Customer} */
function follows({ token: source = token, options, waiting, code, later, ...script }) {
  return async (device) => {
    service.expect(device, script);
    const location = await runDiagnostics(source, device, { ...shared, ...options });
    await ends(waitForOperation(location, { ...shared, pollInterval: 1_000, ...options, ...waiting }), code);
    if (later) await goesOn(device, location, later);
  };
}

/** Starts a run without waiting for it, unless `later` is given. @param {Scripted} scenario @returns {Customer} */
export function starts({ token: source = token, code, later, ...script }) {
  return async (device) => {
    service.expect(device, script);
    const location = await ends(runDiagnostics(source, device, shared), code);
    if (later) await goesOn(device, location, later);
  };
}

/** Starts a run and waits until the signal ends the call at the given moment. @param {Scripted} scenario @returns {Customer} */
function aborts({ at, later, ...script }) {
  return async (device) => {
    service.expect(device, script);
    const controller = new AbortController();
    const reason = new Error("enough");
    const abort = () => controller.abort(reason);
    if (at === "once") abort();
    const source = () =>
      new Promise((resolve) => {
        if (at === "token") setTimeout(abort, 1);
        setTimeout(resolve, at === "token" ? 2 : 0, token);
      });
    const watched = asFetch(async (url, init) => {
      const isPoll = init.method === "GET";
      if (at === "request" || (at === "poll" && isPoll)) setTimeout(abort, 1);
      return service.fetch(url, init);
    });
    let location = "";
    /** @type {import("teams-device-diagnostics").WaitOptions} */
    const options = {
      signal: controller.signal,
      fetch: watched,
      pollInterval: 1_000,
      onProgress(event) {
        if (event.type === "started") ({ location } = event);
        if (event.type === at) queueMicrotask(abort);
      },
    };
    try {
      await waitForOperation(await runDiagnostics(source, device, options), options);
      throw new Error(`${device} was not aborted`);
    } catch (error) {
      if (error !== reason) throw error;
    }
    if (getEventListeners(controller.signal, "abort").length > 0) throw new Error(`${device} left a listener on its signal`);
    if (later) await goesOn(device, location, later);
  };
}

/** @type {Customer} */
async function throwing(device) {
  service.expect(device, { polls: [response.running] });
  const location = await runDiagnostics(token, device, shared);
  const thrown = new Error("a bug of the caller");
  const onProgress = () => {
    throw thrown;
  };
  await waitForOperation(location, { ...shared, onProgress }).then(
    () => Promise.reject(new Error(`${device} succeeded although its callback threw`)),
    (error) => error === thrown || Promise.reject(error),
  );
  await goesOn(device, location, response.successful);
}

/** @type {Customer} */
async function pollsNowAndThen(device) {
  service.expect(device, { polls: [response.running, response.successful] });
  const location = await runDiagnostics(token, device, shared);
  await getOperation(location, shared);
  await getOperation(location, shared);
}

/** Reads a list, up to an item. @param {{ pages: number }} scenario @returns {Customer} */
function lists({ pages }) {
  return async (device) => {
    service.expect(device, { lists: [response.firstPage, response.listed("Queued")] });
    let seen = 0;
    for await (const operation of listOperations(token, device, shared)) {
      if (operation.state === undefined) throw new Error(`${device} lists what is no operation`);
      if (++seen === pages) break;
    }
    if (seen !== pages) throw new Error(`${device} listed ${seen} operations`);
  };
}

/**
 * Waits again after an outcome that did not end the operation.
 *
 * @param {string} device
 * @param {string} location
 * @param {import("../../tests/shared/scripted-graph.mjs").Respond} response
 */
async function goesOn(device, location, response) {
  service.expect(device, { polls: [response] });
  await ends(waitForOperation(location, shared), undefined);
}

/**
 * Resolves to the result of the call, or to the location of the expected error.
 *
 * @param {Promise<unknown>} call
 * @param {string | undefined} expected
 * @returns {Promise<any>}
 */
async function ends(call, expected) {
  const [{ value, reason }] = /** @type {{ value?: any, reason?: any }[]} */ (await Promise.allSettled([call]));
  if (reason === undefined && expected !== undefined) throw new Error(`did not end with ${expected}`);
  if (reason !== undefined && reason.code !== expected) throw reason;
  return value ?? reason.location;
}

/** @returns {import("teams-device-diagnostics").TokenCredential} */
function credential() {
  return {
    getToken: async (_scopes, /** @type {{ claims?: string } | undefined} */ options) => ({
      token: `${token}-${options?.claims ? 2 : 1}`,
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  };
}
