// The simulated Graph in memory behaves as Graph does: tokens, queries, links, batches.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { DEVICES, GRAPH, LIMIT, get, headers, json, start } from "./in-memory.mjs";

test("tokens have their effect", LIMIT, async () => {
  const graph = await simulateGraph();
  const statuses = async (token) => {
    const init = { headers: token ? { authorization: `Bearer ${token}` } : {} };
    return [(await start(graph, "successful", init)).status, (await get(graph, DEVICES, init)).status];
  };
  assert.deepEqual(await statuses("expired"), [401, 401]);
  assert.deepEqual(await statuses("no-roles"), [403, 403]);
  assert.deepEqual(await statuses("read-only"), [403, 200]);
  assert.deepEqual(await statuses(""), [401, 401]);
  assert.deepEqual(await statuses("other"), [202, 200]);
});

test("`$filter`, `$select` and `$top` work; `$count` and other options are refused, as the documented list has none", LIMIT, async () => {
  const graph = await simulateGraph();
  const rooms = await json(graph, `${DEVICES}?$filter=deviceType eq 'teamsRoom'&$select=id,deviceType&$top=3`);
  assert.equal(rooms.value.length, 3);
  for (const room of rooms.value) assert.deepEqual(Object.keys(room).sort().join() + room.deviceType, "deviceType,idteamsRoom");
  for (const query of ["$count=true", "count=true", "$orderby=id", "$skip=1", "$search=a", "$expand=operations"]) {
    const response = await get(graph, `${DEVICES}?${query}`);
    assert.equal(response.status, 400, query);
    const { error } = await response.json();
    assert.match(error.message, new RegExp(`The query parameter '\\$?${/\w+/.exec(query)?.[0]}' is not supported`));
  }
  assert.equal((await get(graph, `${DEVICES}/$count`)).status, 404);
  assert.equal((await json(graph, `${DEVICES}?$top=999`)).value.length <= 50, true);
});

test("links to the next page lead through the list, absolute and relative", LIMIT, async () => {
  for (const nextLink of /** @type {const} */ (["absolute", "relative"])) {
    const graph = await simulateGraph({ tenant: "many", nextLink });
    const sizes = [];
    let ids = 0;
    for (let url = `${DEVICES}?$top=200&$select=id`; url; ) {
      const page = await json(graph, url);
      sizes.push(page.value.length);
      ids += new Set(page.value.map(({ id }) => id)).size;
      const link = page["@odata.nextLink"];
      url = link && (nextLink === "absolute" ? link : `${GRAPH}/beta${link}`);
    }
    assert.deepEqual([sizes, ids], [Array(10).fill(50), 500]);
  }
});

test("a batch has up to 20 requests, each answered by itself", LIMIT, async () => {
  const graph = await simulateGraph();
  const batch = async (requests, version = "beta") => {
    const init = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ requests }) };
    const response = await graph.fetch(`${GRAPH}/${version}/$batch`, init);
    return { status: response.status, ...(await response.json()) };
  };
  const posted = { method: "POST", headers: { "Content-Type": "application/json" }, body: {} };
  const { status, responses } = await batch([
    { id: "list", method: "GET", url: "/teamwork/devices?$top=1&$select=id" },
    { id: "good", url: "/teamwork/devices/successful/runDiagnostics", dependsOn: ["list"], ...posted },
    { id: "bad", url: "/teamwork/devices/conflict/runDiagnostics", ...posted },
    { id: "after", url: "/teamwork/devices/failed/runDiagnostics", dependsOn: ["bad"], ...posted },
    { id: "lost", url: "/teamwork/devices/lost-start/runDiagnostics", ...posted },
  ]);
  assert.equal(status, 200);
  assert.deepEqual(Object.fromEntries(responses.map(({ id, status }) => [id, status])), {
    list: 200,
    good: 202,
    bad: 409,
    after: 424,
    lost: 504,
  });
  const many = Array.from({ length: 21 }, (_, id) => ({ id: String(id), method: "GET", url: "/teamwork/devices" }));
  assert.equal((await batch(many.slice(1))).responses.length, 20);
  assert.equal((await batch(many)).status, 400);
});

test("the client meets the devices of the catalogue as over HTTP, in fake time", LIMIT, async (t) => {
  t.mock.timers.enable({ apis: ["Date", "setTimeout"] });
  const graph = await simulateGraph();
  const outcome = async (device) => {
    const options = { fetch: graph.fetch };
    try {
      const location = await runDiagnostics("t", device, options);
      return (await waitForOperation(location, { ...options, pollInterval: 1_000 })).state;
    } catch (error) {
      return /** @type {import("teams-device-diagnostics").DiagnosticsError} */ (error).code;
    }
  };
  const expected = {
    successful: "successful",
    failed: "operationFailed",
    cancelled: "operationCancelled",
    conflict: "conflict",
    throttled: "successful",
    "lost-start": "successful",
    "start-hang": "successful",
    "poll-reset": "successful",
    "poll-hang": "successful",
    "poll-redirect": "successful",
    "start-redirect": "untrustedLocation",
    withdrawn: "notFound",
    truncated: "successful",
    "foreign-location": "successful",
    "odd-dates": "successful",
    echo: "serviceError",
    none: "notFound",
  };
  /** @type {Record<string, string>} */
  const found = {};
  for (const device of Object.keys(expected)) outcome(device).then((end) => Object.assign(found, { [device]: end }));
  for (let seconds = 0; seconds < 120; seconds += 0.25) {
    await new Promise(setImmediate);
    t.mock.timers.tick(250);
  }
  assert.deepEqual({ ...expected, ...found }, expected);
  assert.equal(Object.keys(found).length, Object.keys(expected).length, Object.keys(found).join());
});
