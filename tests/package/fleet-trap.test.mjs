// A bug in the package does not lose the runs of a fleet: when the wasm traps, each device yields what is known of it.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { watchInstances } from "../shared/instances.mjs";
import { FAST, fleetGraph, ids } from "../shared/fleet-graph.mjs";

const instances = watchInstances();
const { runDiagnosticsOnDevices } = await import("../../pkg/dist/fleet.js");

const LIMIT = { timeout: 10_000 };
const cause = new WebAssembly.RuntimeError("unreachable");
const trap = () => {
  instances[instances.length - 1].trap = cause;
};

/** @param {AsyncIterable<any>} fleet @returns {Promise<{ results: any[], error?: any }>} */
async function collect(fleet) {
  const results = [];
  try {
    for await (const result of fleet) results.push(result);
  } catch (error) {
    return { results, error };
  }
  return { results };
}

test("each device yields its location or its doubt, and the loop rejects with `internal`; later fleets work", LIMIT, async () => {
  const graph = fleetGraph({
    polls: 1_000,
    respond: ({ count }) => {
      if (count === 30) trap();
    },
  });
  const stop = new AbortController();
  const options = { ...FAST, fetch: graph.fetch, maxRequestsPerSecond: 200, signal: stop.signal };
  const { results, error } = await collect(runDiagnosticsOnDevices("secret-token-of-tests", ids(100), options));
  assert.deepEqual([error.code, error.cause], ["internal", cause]);
  assert.equal(results.length, 100);
  const started = [...graph.runs.keys()];
  for (const { deviceId, outcome, location, error } of results) {
    if (started.includes(deviceId)) assert.ok(outcome === "lost" || location?.endsWith("/operations/1"), deviceId);
    else assert.ok(["notStarted", "lost"].includes(outcome), deviceId);
    if (outcome === "lost") assert.equal(error.mayHaveStarted, true);
    assert.deepEqual([error.code, error.deviceId, error.location], ["internal", deviceId, location]);
  }
  assert.ok(results.filter(({ outcome }) => outcome === "stillRunning").length > 10);
  assert.ok(!JSON.stringify([results, error]).includes("secret-token"));
  assert.equal(getEventListeners(stop.signal, "abort").length, 0);
  const sent = graph.sent.length;
  const again = await collect(runDiagnosticsOnDevices("token", ids(3), { fetch: fleetGraph().fetch, ...FAST }));
  assert.deepEqual([again.results.length, again.error], [3, undefined]);
  assert.equal(graph.sent.length, sent, "no request after the end");
});

test("a location that came with the 202 is known, although the wasm did not read it", LIMIT, async () => {
  const graph = fleetGraph();
  /** @type {any} */
  const fetch = async (url, init) => {
    const response = await graph.fetch(url, init);
    if (init.method === "POST") trap();
    return response;
  };
  const { results } = await collect(runDiagnosticsOnDevices("token", ["a"], { ...FAST, fetch }));
  const [{ outcome, location }] = results;
  assert.deepEqual([outcome, location], ["stillRunning", "/teamwork/devices/a/operations/1"]);
});
