// What a fleet leaves behind: no timer, no listener, no request.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { FAST, all, fleetGraph, ids } from "../shared/fleet-graph.mjs";
import { watchInstances } from "../shared/instances.mjs";

const instances = watchInstances();
const { runDiagnosticsOnDevices } = await import("../../pkg/dist/fleet.js");

const LIMIT = { timeout: 20_000 };
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;

test("neither a fleet that ended nor one that was left leaves a timer or a listener", LIMIT, async () => {
  const [stop, own] = [new AbortController(), new AbortController()];
  const before = timers();
  const devices = ids(30).map((deviceId) => ({ deviceId, signal: own.signal }));
  await all(runDiagnosticsOnDevices("token", devices, { ...FAST, fetch: fleetGraph().fetch, signal: stop.signal }));
  const left = () => [timers(), getEventListeners(stop.signal, "abort").length, getEventListeners(own.signal, "abort").length];
  assert.deepEqual(left(), [before, 0, 0]);
  /** @type {any} */
  const some = fleetGraph({ polls: 1_000 }).fetch;
  /** @type {any} */
  const fetch = async (url, init) =>
    url.includes("room%200/operations/") ? Response.json({ id: "1", status: "Failed" }) : some(url, init);
  for await (const _ of runDiagnosticsOnDevices("token", devices, { ...FAST, fetch, signal: stop.signal })) {
    assert.deepEqual(left().slice(1), [1, 1], "one listener for all devices with the same signal");
    break;
  }
  assert.deepEqual(left(), [before, 0, 0]);
});

test("open requests are aborted when the loop is left", LIMIT, async () => {
  let open = 0;
  let sent = 0;
  /** @type {any} */
  const fetch = (url, { signal, method }) => {
    if (sent++ === 0 || url.includes("quick")) {
      const headers = { location: "/teamwork/devices/quick/operations/1" };
      return method === "POST" ? new Response(null, { status: 202, headers }) : Response.json({ id: "1", status: "Successful" });
    }
    open++;
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        open--;
        reject(signal.reason);
      }),
    );
  };
  const fleet = runDiagnosticsOnDevices("token", ["quick", ...ids(20)], { ...FAST, fetch, pollInterval: 200 });
  for await (const { deviceId } of fleet) {
    assert.equal(deviceId, "quick");
    assert.ok(open > 10);
    break;
  }
  assert.equal(open, 0);
});

test("a thousand fleets in a row keep the memory of the WebAssembly", { timeout: 60_000 }, async () => {
  const { fetch } = fleetGraph();
  const run = (/** @type {number} */ count) =>
    all(runDiagnosticsOnDevices("token", [`room ${count}`], { ...FAST, fetch, pollInterval: 1, rememberToken: false }));
  const size = () => instances[0].memory.buffer.byteLength;
  for (let count = 0; count < 100; count++) await run(count);
  const before = size();
  for (let count = 0; count < 1_000; count++) await run(count);
  assert.equal(size(), before);
});
