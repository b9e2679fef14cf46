// The simulated Graph in memory, as the package publishes it: its members.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { listDevices, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { allItems } from "../shared/all-items.mjs";
import { present } from "../shared/present.mjs";
import { DEVICES, GRAPH, LIMIT, clock, get, headers, json, simulate, start } from "./in-memory.mjs";

/** @import { SimulatedDevice } from "../../js/types/simulator.d.ts" */

test("the client runs diagnostics on it, by the time of the caller", LIMIT, async () => {
  const graph = await simulateGraph({ paceMs: 10 });
  const location = await runDiagnostics("a-token", "successful", { fetch: graph.fetch });
  assert.equal((await waitForOperation(location, { pollInterval: 10 })).status, "Successful");
  assert.match(location, /^https:\/\/graph\.microsoft\.com\/beta\/teamwork\/devices\/successful\/operations\//);
});

test("the CommonJS entry is the same", LIMIT, async () => {
  const entry = createRequire(import.meta.url)("../../pkg/dist/simulator.cjs");
  assert.deepEqual(Object.keys(entry), ["simulateGraph"]);
  const graph = await entry.simulateGraph();
  assert.equal((await start(graph, "successful")).status, 202);
});

test("it has the catalogue, its own devices, or none", LIMIT, async () => {
  const ids = async (options) => (await allItems(listDevices("t", { fetch: (await simulate(options)).fetch }))).map(({ id }) => id);
  const catalogue = await ids();
  assert.ok(catalogue.length > 30 && catalogue.includes("lost-start"));
  for (const options of [null, undefined, {}, { devices: undefined }]) assert.deepEqual(await ids(options), catalogue);
  assert.deepEqual(await ids({ devices: new Set([{ id: "a" }, { id: "b" }]) }), ["a", "b"]);
  assert.deepEqual(await ids({ devices: [] }), []);
  assert.equal((await ids({ tenant: "many" })).length, 500);
});

test("every member of a device reaches Graph's document", LIMIT, async () => {
  const now = clock();
  const about = { deviceType: "teamsRoom", healthStatus: "critical", activityState: "busy", notes: "by the door" };
  const device = { id: "Büro (1)", ...about, manufacturer: "Contoso", model: "M", currentUser: "Ann", lastSeenMinutes: 60 };
  const graph = await simulateGraph({ devices: [device, { id: "bare" }], now });
  const document = await json(graph, `${DEVICES}/${encodeURIComponent(device.id)}`);
  assert.deepEqual({ ...document, ...about, id: device.id }, document);
  assert.equal(document.hardwareDetail.manufacturer + document.hardwareDetail.model + document.currentUser.displayName, "ContosoMAnn");
  assert.equal(document.lastModifiedDateTime, "2025-12-31T23:00:00.000Z");
  const bare = await json(graph, `${DEVICES}/bare`);
  assert.deepEqual(
    [bare.deviceType, bare.notes, bare.currentUser, bare.lastModifiedDateTime],
    ["unknown", "", null, "2025-12-31T23:50:00.000Z"],
  );
});

test("`requests` has what was sent, `operations` what was started, as it is now; `reset` forgets both", LIMIT, async () => {
  const now = clock();
  const graph = await simulateGraph({ devices: [{ id: "d" }], paceMs: 1_000, now });
  const location = present((await start(graph, "d", { body: "{}" })).headers.get("location"), "location");
  await get(graph, `${GRAPH}/beta${location}?$select=id#fragment`);
  assert.deepEqual(graph.requests(), [
    {
      method: "POST",
      url: `${DEVICES}/d/runDiagnostics`,
      headers: { authorization: "Bearer a-token", "content-type": "text/plain;charset=UTF-8" },
      body: "{}",
    },
    { method: "GET", url: `${GRAPH}/beta${location}?$select=id`, headers, body: "" },
  ]);
  const statuses = [0, 1_000, 1_000, 1_000].map((passed) => {
    now.time += passed;
    return graph.operations()[0].status;
  });
  assert.deepEqual(statuses, ["Queued", "Scheduled", "InProgress", "Successful"]);
  const [operation] = graph.operations();
  assert.deepEqual(
    [operation.deviceId, operation.operationType, operation.createdDateTime, operation.completedDateTime],
    ["d", "deviceDiagnostics", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:03.000Z"],
  );
  assert.ok(location.endsWith(operation.id));
  graph.reset();
  assert.deepEqual([graph.requests(), graph.operations()], [[], []]);
  assert.equal((await get(graph, `${GRAPH}/beta${location}`)).status, 404);
});

test("devices can be added and replaced; after `reset` faults begin again", LIMIT, async () => {
  const graph = await simulateGraph({ devices: [] });
  assert.equal((await start(graph)).status, 404);
  /** @type {SimulatedDevice} */
  const device = { id: "d", scenario: { postFaults: [{ response: { status: 503 } }] } };
  graph.addDevice(device);
  const statuses = async () => [(await start(graph)).status, (await start(graph)).status];
  assert.deepEqual(await statuses(), [503, 202]);
  graph.reset();
  assert.deepEqual(await statuses(), [503, 202]);
  graph.addDevice({ id: "d", scenario: { outcome: "never" } });
  graph.reset();
  assert.deepEqual(await statuses(), [202, 409]);
});

test("own devices are in the tenant of the options too", LIMIT, async () => {
  const graph = await simulate({ tenant: "many", devices: [{ id: "mine" }] });
  graph.addDevice({ id: "other" });
  const ids = (await allItems(listDevices("t", { fetch: graph.fetch }))).map(({ id }) => id);
  assert.deepEqual([ids.length, ids.slice(-2)], [502, ["mine", "other"]]);
  assert.equal((await start(graph, "mine")).status, 202);
});

test("tenants are listed and changed", LIMIT, async () => {
  const graph = await simulateGraph({ devices: [{ id: "d" }] });
  const names = graph.tenants().map(({ name }) => name);
  assert.deepEqual(names, ["catalogue", "many", "empty", "forbidden", "failing", "slow", "markup"]);
  for (const { title, about } of graph.tenants()) assert.ok(title && about);
  assert.equal(graph.tenant, "catalogue");
  const statuses = {};
  for (const name of names.filter((name) => name !== "slow")) {
    graph.enterTenant(name);
    assert.equal(graph.tenant, name);
    const response = await get(graph, DEVICES);
    statuses[name] = response.ok ? (await response.json()).value.length : response.status;
    assert.equal(graph.requests().length, 1, "the requests of another tenant are forgotten");
  }
  assert.deepEqual({ ...statuses, markup: 0 }, { catalogue: 1, many: 20, empty: 0, forbidden: 403, failing: 500, markup: 0 });
  assert.ok(statuses.markup > 0);
  assert.equal((await simulateGraph({ tenant: "forbidden" })).tenant, "forbidden");
});

test("the members can be taken out of it", LIMIT, async () => {
  const { fetch, requests, operations, addDevice, enterTenant, tenants, reset } = await simulateGraph({ devices: [] });
  addDevice({ id: "d" });
  await start({ fetch });
  assert.deepEqual([requests().length, operations().length, tenants().length], [1, 1, 7]);
  reset();
  enterTenant("empty");
  assert.deepEqual([requests(), operations()], [[], []]);
});

test("simulations are independent of each other", LIMIT, async () => {
  const [one, other] = await Promise.all([simulateGraph(), simulateGraph({ tenant: "empty" })]);
  assert.equal((await start(one, "successful")).status, 202);
  assert.equal((await start(other, "successful")).status, 404);
  other.reset();
  assert.deepEqual([one.operations().length, one.requests().length, other.operations().length], [1, 1, 0]);
});

test("the same seed yields the same ids, another one others", LIMIT, async () => {
  const ids = async (seed) => {
    const graph = await simulateGraph({ seed });
    const responses = [await start(graph, "successful"), await get(graph, DEVICES)];
    return [...responses.map(({ headers }) => headers.get("request-id")), graph.operations()[0].id];
  };
  const first = await ids(1);
  assert.deepEqual(await ids(1), first);
  assert.deepEqual(await ids(undefined), await ids(0));
  const all = [...first, ...(await ids(0)), ...(await ids(2)), ...(await ids(4_294_967_295))];
  assert.equal(new Set(all).size, all.length);
});
