// What the tests of the simulated Graph in memory have in common.
import assert from "node:assert/strict";
import { simulateGraph } from "../../pkg/dist/simulator.js";

/** @import { Fault, SimulatedGraph } from "../../js/types/simulator.d.ts" */

export const LIMIT = { timeout: 20_000 };
export const GRAPH = "https://graph.microsoft.com";
export const DEVICES = `${GRAPH}/beta/teamwork/devices`;
/** The options are those of JavaScript callers, whose types nobody checks. @type {(options?: any) => Promise<SimulatedGraph>} */
export const simulate = simulateGraph;

export const headers = { authorization: "Bearer a-token" };
/** Sends a POST. @param {Pick<SimulatedGraph, "fetch">} graph @param {string} device @param {any} init */
export const start = (graph, device = "d", init = {}) =>
  graph.fetch(`${DEVICES}/${device}/runDiagnostics`, { method: "POST", headers, ...init });
/** Sends a GET. @param {Pick<SimulatedGraph, "fetch">} graph @param {any} url @param {any} init */
export const get = (graph, url, init = {}) => graph.fetch(url, { headers, ...init });
/** The document of a GET. @param {Pick<SimulatedGraph, "fetch">} graph @param {any} url */
export const json = async (graph, url) => (await get(graph, url)).json();
/** A Graph with one device whose POSTs have faults. @param {...Fault} postFaults */
export const withFaults = (...postFaults) => simulateGraph({ devices: [{ id: "d", scenario: { postFaults } }] });
/** @param {Promise<unknown>} promise @returns {Promise<any>} */
export const failure = (promise) =>
  promise.then(
    () => assert.fail("it was fulfilled"),
    (error) => error,
  );

/** A clock that a test moves. */
export function clock(time = Date.UTC(2026, 0, 1)) {
  const now = () => now.time;
  now.time = time;
  return now;
}
