// The options and devices of the simulated Graph in memory, and its clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runDiagnostics } from "../../pkg/dist/index.js";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { DEVICES, LIMIT, clock, failure, get, json, simulate, start } from "./in-memory.mjs";

/** @import { SimulateGraphOptions } from "../../js/types/simulator.d.ts" */

const HOUR = 3_600_000;

test("above `requestsPerSecond` Graph responds 429", LIMIT, async () => {
  const now = clock();
  const graph = await simulateGraph({ requestsPerSecond: 2, now });
  const statuses = [];
  for (let count = 0; count < 3; count++) statuses.push((await get(graph, DEVICES)).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  assert.equal((await get(graph, DEVICES)).headers.get("retry-after"), "1");
  now.time += 1_000;
  assert.equal((await get(graph, DEVICES)).status, 200);
});

test("the other settings say how Graph writes", LIMIT, async () => {
  /** @param {SimulateGraphOptions} options */
  const written = async (options) => {
    const graph = await simulateGraph({ devices: [{ id: "d" }, { id: "e" }], pageSize: 1, now: clock(), ...options });
    const started = await start(graph);
    const location = started.headers.get("location");
    const list = await get(graph, DEVICES);
    const link = (await list.json())["@odata.nextLink"];
    const { id } = graph.operations()[0];
    const polled = await json(graph, `${DEVICES}/d/operations/${id}`);
    const exposed = String(started.headers.get("access-control-expose-headers"));
    return { location: location?.replace(id, "…"), link, polled, caching: list.headers.get("cache-control"), exposed };
  };
  const usual = await written({});
  assert.deepEqual([usual.location, usual.caching], ["/teamwork/devices/d/operations/…", "no-store"]);
  assert.equal(usual.link, "/teamwork/devices?$top=1&$skipToken=1");
  assert.equal(usual.polled.value.createdDateTime, "2026-01-01T00:00:00.000Z");
  assert.match(usual.exposed, /Location,.*Retry-After/);
  const absolute = await written({ location: "absolute", nextLink: "absolute" });
  assert.deepEqual([absolute.location, absolute.link], [`${DEVICES}/d/operations/…`, `${DEVICES}?$top=1&$skipToken=1`]);
  assert.equal((await written({ location: "versioned" })).location, "/beta/teamwork/devices/d/operations/…");
  assert.equal((await written({ location: "quotedKeys" })).location, "/teamwork/devices('d')/operations('…')");
  assert.equal((await written({ location: "missing" })).location, undefined);
  assert.equal((await written({ location: { literal: "/elsewhere" } })).location, "/elsewhere");
  const bare = await written({ envelope: "bare", dates: "hyphens", cacheable: true });
  assert.deepEqual([bare.polled.createdDateTime, bare.caching], ["2026-01-01T00-00-00.00Z", "max-age=60"]);
  const hidden = await written({ exposeLocation: false, exposeRetryAfter: false });
  assert.doesNotMatch(hidden.exposed, /Location|Retry-After/);
});

test("it is at the origin that is wanted, and nowhere else", LIMIT, async () => {
  const graph = await simulateGraph({ origin: "https://proxy.example:8443/beta", location: "absolute" });
  const location = await runDiagnostics("t", "successful", { fetch: graph.fetch, baseUrl: "https://proxy.example:8443/beta" });
  assert.match(location, /^https:\/\/proxy\.example:8443\/beta\//);
  const error = await failure(get(graph, DEVICES));
  assert.deepEqual([error.name, error.message], ["TypeError", "fetch failed"]);
  assert.equal(
    error.cause.message,
    "This simulated Graph is at https://proxy.example:8443, not at https://graph.microsoft.com: see options.origin",
  );
  assert.equal(graph.requests().length, 1, "nothing was received");
  await assert.rejects(get(graph, "/beta/teamwork/devices"), TypeError, "a relative URL has no base in Node");
});

test("wrong options are named", LIMIT, async () => {
  const refused = {
    "options.now must be a function": { now: 7 },
    "options.devices must be an array or another iterable of devices": { devices: 7 },
    "options.origin must be an origin, such as https://graph.microsoft.com": { origin: "graph" },
    'there is no tenant "none". Choose one of catalogue, many, empty, forbidden, failing, slow, markup': { tenant: "none" },
    'options.paceMs: invalid type: string "1s", expected f64': { paceMs: "1s" },
    "options.seed: invalid value: integer `-1`, expected u32": { seed: -1 },
    "options.envelope: unknown variant `closed`, expected `wrapped` or `bare`": { envelope: "closed" },
    "options.devices[1]: missing field `id`": { devices: [{ id: "d" }, {}] },
    "options.devices[0]: a device must be an object with an id": { devices: [undefined] },
    "options.devices[1]: a device must be an object with an id": { devices: [{ id: "d" }, ["d", "notes"]] },
    "options.devices[0].id: an id has at least one character": { devices: [{ id: "" }] },
    'options.devices[0].scenario.paceMs: invalid type: string "Infinity", expected f64': {
      devices: [{ id: "d", scenario: { paceMs: Infinity } }],
    },
    "options.devices[0].scenario.paceMs: -1 must not be negative": { devices: [{ id: "d", scenario: { paceMs: -1 } }] },
    "options.devices[0].scenario.slowness: -2 must not be negative": { devices: [{ id: "d", scenario: { slowness: -2 } }] },
    "options.devices[0].lastSeenMinutes: -5 must not be negative": { devices: [{ id: "d", lastSeenMinutes: -5 }] },
    "options.pageSize: a page has at least one item": { pageSize: 0 },
    'options.requestsPerSecond: invalid type: string "NaN", expected usize': { requestsPerSecond: Number.NaN },
    'options.seed: invalid type: string "7", expected u32': { seed: 7n },
    "options.devices[0].scenario.outcome: unknown variant `lost`, expected one of `successful`, `failed`, `cancelled`, `never`": {
      devices: [{ id: "d", scenario: { outcome: "lost" } }],
    },
    "options.devices[0].scenario.pollFaults[1].response: missing field `status`": {
      devices: [{ id: "d", scenario: { pollFaults: [null, { response: {} }] } }],
    },
  };
  for (const [message, options] of Object.entries(refused)) {
    await assert.rejects(simulate(options), { name: "TypeError", message: `simulateGraph: ${message}` });
  }
  const unknown = await failure(simulate({ device: [] }));
  assert.match(unknown.message, /^simulateGraph: options.device: unknown field `device`, expected one of `devices`, `tenant`, .*`seed`$/);
  const graph = await simulateGraph();
  assert.throws(() => Reflect.apply(graph.addDevice, null, [{ id: 7 }]), {
    name: "TypeError",
    message: "simulateGraph: device.id: invalid type: integer `7`, expected a string",
  });
  assert.throws(() => Reflect.apply(graph.addDevice, null, []), { name: "TypeError", message: /^simulateGraph: device: / });
  assert.throws(() => Reflect.apply(graph.enterTenant, null, ["none"]), { name: "TypeError", message: /there is no tenant "none"/ });
});

test("a wrong time is named", LIMIT, async () => {
  for (const [time, message] of /** @type {const} */ ([
    [Number.NaN, "simulateGraph: options.now must return a time: milliseconds or a Date, not NaN"],
    [null, "simulateGraph: options.now must return a time: milliseconds or a Date, not null"],
    ["2026", "simulateGraph: options.now must return a time: milliseconds or a Date, not 2026"],
    [1e17, "simulateGraph: options.now: the time is outside the years 0 to 9999"],
  ])) {
    const graph = await simulate({ now: () => time });
    await assert.rejects(get(graph, DEVICES), { name: "TypeError", message });
    assert.throws(() => graph.operations(), { name: "TypeError", message });
  }
});

test("a response that HTTP cannot send is refused when its device is added", LIMIT, async () => {
  const graph = await simulateGraph();
  const refused = /** @type {[string, import("../../js/types/simulator.d.ts").Scenario][]} */ ([
    ['postFaults[0].response.headers: "a b" is no name', { postFaults: [{ response: { status: 500, headers: [["a b", "c"]] } }] }],
    ['postFaults[0].response.headers: "" is no name', { postFaults: [{ response: { status: 500, headers: [["", "c"]] } }] }],
    [
      'postFaults[0].response.headers: "Content-Length" is for the connection',
      { postFaults: [{ response: { status: 500, headers: [["Content-Length", "3"]] } }] },
    ],
    ["postFaults[0].response.headers: the header field", { postFaults: [{ response: { status: 500, headers: [["a", "b\nc"]] } }] }],
    ["postFaults[0].response.retryAfter: the header field", { postFaults: [{ response: { status: 429, retryAfter: "1\r\n" } }] }],
    ["postFaults[0].redirect: the header field", { postFaults: [{ redirect: "/a\0b" }] }],
    ["pollFaults[1].response.status: 99 is no status", { pollFaults: [null, { response: { status: 99 } }] }],
    ["pollFaults[0].response.status: 1000 is no status", { pollFaults: [{ response: { status: 1_000 } }] }],
    ["location.literal: the header field", { location: { literal: "/a\u007f" } }],
    ["runningRetryAfter: the header field", { runningRetryAfter: "\n" }],
  ]);
  for (const [begin, scenario] of refused) {
    assert.throws(
      () => graph.addDevice({ id: "d", scenario }),
      ({ message }) => message.startsWith(`simulateGraph: device.scenario.${begin}`) || assert.fail(message),
    );
  }
});

test("`now` may return a Date, and is asked for each request", LIMIT, async () => {
  let asked = 0;
  const graph = await simulateGraph({ now: () => new Date(++asked * HOUR) });
  assert.equal(asked, 0);
  const dates = [(await get(graph, DEVICES)).headers.get("date"), (await get(graph, DEVICES)).headers.get("date")];
  assert.deepEqual(dates, ["Thu, 01 Jan 1970 01:00:00 GMT", "Thu, 01 Jan 1970 02:00:00 GMT"]);
});

test("without `now` it goes by Date.now(), also that of fake timers", LIMIT, async (t) => {
  const graph = await simulateGraph({ devices: [{ id: "d" }], paceMs: HOUR });
  t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2030, 0, 1) });
  await start(graph);
  t.mock.timers.setTime(Date.UTC(2030, 0, 1, 3));
  const [{ status, completedDateTime }] = graph.operations();
  assert.deepEqual([status, completedDateTime], ["Successful", "2030-01-01T03:00:00.000Z"]);
});
