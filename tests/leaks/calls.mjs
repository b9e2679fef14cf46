// The calls of these tests, with a scripted Graph and on a virtual clock, and the checks that nothing is left of them.

import assert from "node:assert/strict";
import { afterEach } from "node:test";
import {
  clearAway,
  getOperation,
  graph,
  listOperations,
  live,
  observed,
  page,
  pass,
  runDiagnostics,
  turn,
  waitForOperation,
} from "./surroundings.mjs";

export const TOKEN = "a-token-as-long-as-a-short-one-is";
export const DEVICE = "room";
export const LOCATION = `https://graph.microsoft.com/beta/teamwork/devices/${DEVICE}/operations/operation-${DEVICE}`;
export const NOTHING = { timers: 0, requests: 0, pageListeners: 0, signalListeners: 0 };
export const HOURS = 7_200_000;

/** @typedef {(options: any) => Promise<unknown>} Call with the token source in its options */

/** @satisfies {Record<string, Call>} */
export const CALLS = {
  runDiagnostics: (options) => runDiagnostics(options.token, DEVICE, options),
  waitForOperation: (options) => waitForOperation(LOCATION, options),
  getOperation: (options) => getOperation(LOCATION, options),
  listOperations: async (options) => {
    for await (const operation of listOperations(options.token, DEVICE, options)) assert.ok(operation);
  },
};

/** A call has one timer. In a pause it also listens for the page to become visible and for the network to come back. */
export const IN_TOKEN_SOURCE = { timers: 1 };
export const IN_FLIGHT = { timers: 1, requests: 1 };
export const IN_PAUSE = { timers: 1, pageListeners: 2 };

afterEach(() => {
  const found = live();
  clearAway();
  assert.deepEqual(found, NOTHING, "the test itself left something");
});

/** A signal, and the function that aborts it with a reason. */
export function abortable() {
  const controller = new AbortController();
  const reason = new Error("enough");
  return { signal: controller.signal, reason, abort: () => controller.abort(reason) };
}

/** A token source that settles only when the test says so. */
export function slowToken() {
  let requests = 0;
  /** @type {{ resolve: (token: unknown) => void, reject: (error: Error) => void }[]} */
  const pending = [];
  /** @returns {Promise<any>} */
  const token = () => {
    requests += 1;
    return new Promise((resolve, reject) => pending.push({ resolve, reject }));
  };
  const release = () => pending.splice(0).forEach(({ resolve }) => resolve(TOKEN));
  /** @param {Error} error */
  const fail = (error) => pending.splice(0).forEach(({ reject }) => reject(error));
  return { token, release, fail, pending, tokenRequests: () => requests };
}

/**
 * Makes a call; `atOnce` is called before the next turn of the event loop.
 *
 * @typedef {Partial<import("./moments.mjs").Moment> & { call: Call, device?: string }} Given
 *
 * @param {Given} given
 * @param {{ atOnce?: () => void } & Record<string, any>} options
 */
export async function begin({ call: makeCall, hasSlowToken, isStarted, device = DEVICE, script = {} }, { atOnce, ...options }) {
  graph.expect(device, script);
  const { token, release, fail, tokenRequests } = slowToken();
  if (isStarted) assert.equal(await runDiagnostics(TOKEN, DEVICE, { fetch: graph.fetch }), LOCATION);
  const before = graph.sent;
  const given = { token: hasSlowToken ? token : TOKEN, fetch: graph.fetch, pollInterval: 10_000, ...options };
  const call = observed(makeCall === CALLS.runDiagnostics ? runDiagnostics(given.token, device, given) : makeCall(given));
  atOnce?.();
  return { call, release, fail, tokenRequests, sent: () => graph.sent - before };
}

/** @param {import("./surroundings.mjs").Observed} call @param {{ after: number, code: string }} expected */
export async function rejectsAfter(call, { after, code }) {
  if (after > 0) {
    await pass(after - 1);
    assert.equal(call.state, "pending", `after ${after - 1} ms`);
    await pass(1);
  }
  await turn();
  assert.equal(call.state, "rejected");
  assert.equal(call.reason.code, code);
}

/**
 * Asserts that nothing is left, and that nothing is sent later, whatever happens.
 *
 * @param {{ signal: AbortSignal, release?: () => void, tokenRequests?: () => number }} call
 */
export async function isOver({ signal, release = () => {}, tokenRequests = () => 0 }) {
  assert.deepEqual(live(signal), NOTHING);
  const before = [graph.sent, tokenRequests()];
  release();
  await page.turnsTo("visible");
  await page.isBackOnline();
  await pass(HOURS);
  assert.deepEqual([graph.sent, tokenRequests()], before, "a later request");
  assert.deepEqual(live(signal), NOTHING);
}
