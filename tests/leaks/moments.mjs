// The moments at which a call can be ended.

import * as response from "../shared/scripted-graph.mjs";
import { IN_TOKEN_SOURCE, CALLS, IN_FLIGHT, IN_PAUSE } from "./calls.mjs";

const { runDiagnostics: start, waitForOperation: wait, getOperation: get, listOperations: list } = CALLS;

/** How the two timeouts end a call at most moments. `after` is counted from the start of the call. */
const endsInTime = { timeOut: { after: 2_000, code: "timeout" }, outOfTime: { within: 2_000, after: 2_000, code: "operationTimeout" } };
/** @param {number} within */
const outlastsTheTime = (within) => ({ outOfTime: { within, after: 0, code: "operationTimeout" } });

/**
 * A moment at which a call can be ended.
 *
 * @typedef {object} Moment
 * @property {import("./calls.mjs").Call} call
 * @property {boolean} [hasSlowToken] whether the test decides when the token source settles
 * @property {boolean} [isStarted]
 * @property {import("../shared/scripted-graph.mjs").Script} [script] the responses of Graph until then
 * @property {number} [reached] the time until then, in milliseconds
 * @property {Partial<import("./surroundings.mjs").Live>} live what exists then
 * @property {{ after: number, code: string }} [timeOut] how the call ends if a request may take 2,000 ms and is not retried
 * @property {{ within: number, after: number, code: string }} outOfTime how the call ends if it may take `within`
 */

/** @type {Record<string, Moment>} */
export const MOMENTS = {
  "in the token source, before the start": { call: start, hasSlowToken: true, live: IN_TOKEN_SOURCE, outOfTime: endsInTime.outOfTime },
  "in the token source, before a poll": { call: wait, hasSlowToken: true, live: IN_TOKEN_SOURCE, outOfTime: endsInTime.outOfTime },
  "in the token source, for a page of a list": { call: list, hasSlowToken: true, live: IN_TOKEN_SOURCE, outOfTime: endsInTime.outOfTime },

  "in flight: the start": {
    call: start,
    script: { start: [response.silence], lists: [response.emptyList] },
    live: IN_FLIGHT,
    ...endsInTime,
    // After the timeout there are three searches for the run.
    timeOut: { after: 2_000 + 1_000 + 2_000 + 4_000, code: "timeout" },
  },
  "in flight: a poll": { call: wait, script: { polls: [response.silence] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the body of a poll": { call: wait, script: { polls: [response.endlessBody] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the only poll": { call: get, script: { polls: [response.silence] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the first page of a list": { call: list, script: { lists: [response.silence] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the second page of a list": {
    call: list,
    script: { lists: [response.firstPage, response.silence] },
    live: IN_FLIGHT,
    ...endsInTime,
  },
  "in flight: the list in the search for a lost run": {
    call: start,
    script: { start: [response.lost], lists: [response.silence] },
    reached: 1_000,
    live: IN_FLIGHT,
    timeOut: { after: 1_000 + 2_000 + 2_000 + 2_000 + 4_000 + 2_000, code: "network" },
    // A search may take only half of the remaining time, so that the reason for it can still be reported.
    outOfTime: { within: 10_000, after: 5_000, code: "network" },
  },
  "in flight: the list in the search for the queued operation": {
    call: start,
    script: { start: [response.conflict], lists: [response.silence] },
    reached: 1,
    live: IN_FLIGHT,
    timeOut: { after: 1 + 2_000, code: "conflict" },
    outOfTime: { within: 10_000, after: 5_000, code: "conflict" },
  },

  "in a backoff of the start": { call: start, script: { start: [response.unavailable] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff of a poll": { call: wait, script: { polls: [response.unavailable] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff after a lost connection": { call: get, script: { polls: [response.lost] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff of a 404 that may pass": { call: wait, script: { polls: [response.notFound] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff of a list": { call: list, script: { lists: [response.unavailable] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "before the search for a lost run": {
    call: start,
    script: { start: [response.lost] },
    live: { timers: 1 },
    outOfTime: { within: 1_500, after: 750, code: "network" },
  },

  "in a Retry-After of the start": {
    call: start,
    script: { start: [response.throttledLonger] },
    live: IN_PAUSE,
    ...outlastsTheTime(10_000),
  },
  "in a Retry-After of the 202": {
    call: wait,
    isStarted: true,
    script: { start: [response.acceptedPollLater] },
    live: IN_PAUSE,
    ...outlastsTheTime(10_000),
  },
  "in a Retry-After of a poll": { call: wait, script: { polls: [response.throttledLonger] }, live: IN_PAUSE, ...outlastsTheTime(10_000) },
  "in a Retry-After of a list": { call: list, script: { lists: [response.throttledLonger] }, live: IN_PAUSE, ...outlastsTheTime(10_000) },
  "in a Retry-After of a conflict": {
    call: start,
    script: { start: [response.conflictPollLater] },
    live: { timers: 1 },
    // There is no time to poll, so the conflict is reported at once.
    outOfTime: { within: 10_000, after: 0, code: "conflict" },
  },
  "between polls, in a Retry-After": {
    call: wait,
    script: { polls: [response.runningPollLater] },
    live: IN_PAUSE,
    ...outlastsTheTime(10_000),
  },

  "between polls": {
    call: wait,
    script: { polls: [response.running] },
    live: IN_PAUSE,
    outOfTime: { within: 1_500, after: 1_500, code: "operationTimeout" },
  },
};
