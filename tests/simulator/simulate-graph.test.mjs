// The simulated Graph in memory, as the package publishes it: every member, and a fetch that behaves as a real one.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { runDiagnostics, waitForOperation, listDevices } from "../../pkg/dist/index.js";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { allItems } from "../shared/all-items.mjs";
import { present } from "../shared/present.mjs";

/** @import { Fault, SimulateGraphOptions, SimulatedDevice, SimulatedGraph } from "../../js/types/simulator.d.ts" */

const LIMIT = { timeout: 20_000 };
const GRAPH = "https://graph.microsoft.com";
const DEVICES = `${GRAPH}/beta/teamwork/devices`;
const HOUR = 3_600_000;
/** The options are those of JavaScript callers, whose types nobody checks. @type {(options?: any) => Promise<SimulatedGraph>} */
const simulate = simulateGraph;

const headers = { authorization: "Bearer a-token" };
const start = (graph, device = "d", init = {}) => graph.fetch(`${DEVICES}/${device}/runDiagnostics`, { method: "POST", headers, ...init });
const get = (graph, url, init = {}) => graph.fetch(url, { headers, ...init });
const json = async (graph, url) => (await get(graph, url)).json();
/** A Graph with one device whose POSTs have faults. @param {...Fault} postFaults */
const withFaults = (...postFaults) => simulateGraph({ devices: [{ id: "d", scenario: { postFaults } }] });
/** @param {Promise<unknown>} promise @returns {Promise<any>} */
const failure = (promise) =>
  promise.then(
    () => assert.fail("it was fulfilled"),
    (error) => error,
  );

/** A clock that a test moves. */
const clock = (time = Date.UTC(2026, 0, 1)) => {
  const now = () => now.time;
  now.time = time;
  return now;
};

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
    const exposed = started.headers.get("access-control-expose-headers");
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
    "options.devices[0]: invalid type: null, expected struct Device": { devices: [undefined] },
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
    [1e17, "simulateGraph: options.now: the time is outside the years 0 to 9999"],
  ])) {
    const graph = await simulateGraph({ now: () => time });
    await assert.rejects(get(graph, DEVICES), { name: "TypeError", message });
    assert.throws(() => graph.operations(), { name: "TypeError", message });
  }
});

test("a response that HTTP cannot send is refused when its device is added", LIMIT, async () => {
  const graph = await simulateGraph();
  const refused = /** @type {[string, import("../../js/types/simulator.d.ts").Scenario][]} */ ([
    ['postFaults[0].response.headers: "a b" is no name', { postFaults: [{ response: { status: 500, headers: [["a b", "c"]] } }] }],
    ['postFaults[0].response.headers: "" is no name', { postFaults: [{ response: { status: 500, headers: [["", "c"]] } }] }],
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

test("a lost connection rejects as that of fetch; before or after the request took effect", LIMIT, async () => {
  const graph = await withFaults("reset", "resetAfter");
  const before = await failure(start(graph));
  assert.equal(before.name, "TypeError");
  assert.deepEqual([before.message, before.cause.code, graph.operations().length], ["fetch failed", "ECONNRESET", 0]);
  const after = await failure(start(graph));
  assert.deepEqual([after.message, after.cause.code, graph.operations().length], ["fetch failed", "ECONNRESET", 1]);
  assert.equal(graph.requests().length, 2);
});

test("a request without a response waits until it is aborted; before or after it took effect", LIMIT, async () => {
  const graph = await withFaults("hang", "hangAfter");
  for (const started of [0, 1]) {
    const abort = new AbortController();
    const ended = failure(start(graph, "d", { signal: abort.signal }));
    const waits = new Promise((resolve) => setTimeout(resolve, 20, "waits"));
    assert.equal(await Promise.race([ended, waits]), "waits");
    abort.abort(new Error("enough"));
    assert.equal((await ended).message, "enough");
    assert.equal(graph.operations().length, started);
  }
  // The timer of a signal alone does not keep Node alive.
  const alive = setTimeout(() => {}, 10_000);
  const timeout = await failure(start(await withFaults("hang"), "d", { signal: AbortSignal.timeout(10) }));
  clearTimeout(alive);
  assert.equal(timeout.name, "TimeoutError");
});

test("an abort is honoured: before the request, while it is sent, and during a delay", LIMIT, async (t) => {
  const graph = await simulateGraph({ tenant: "slow" });
  const aborted = await failure(get(graph, DEVICES, { signal: AbortSignal.abort() }));
  assert.equal(aborted.name, "AbortError");
  assert.ok(aborted instanceof DOMException);
  const abort = new AbortController();
  const sending = failure(get(graph, DEVICES, { signal: abort.signal }));
  abort.abort("stop");
  assert.equal(await sending, "stop");
  const request = new Request(DEVICES, { signal: AbortSignal.abort("of the request") });
  assert.equal(await failure(graph.fetch(request)), "of the request");
  assert.equal(graph.requests().length, 0);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const later = new AbortController();
  const delayed = failure(get(graph, DEVICES, { signal: later.signal }));
  await new Promise(setImmediate);
  later.abort("too slow");
  assert.equal(await delayed, "too slow");
  assert.equal(graph.requests().length, 1);
  // Nothing is left of a response that came in time.
  const last = new AbortController();
  const answered = get(graph, DEVICES, { signal: last.signal });
  await new Promise(setImmediate);
  t.mock.timers.tick(5_000);
  const response = await answered;
  last.abort();
  assert.equal((await response.json()).value.length, 20);
});

test("a signal of the init replaces that of a request, also null", LIMIT, async () => {
  const graph = await simulateGraph();
  const request = () => new Request(DEVICES, { headers, signal: AbortSignal.abort() });
  assert.equal((await graph.fetch(request(), { signal: null })).status, 200);
  assert.equal((await graph.fetch(request(), { signal: new AbortController().signal })).status, 200);
});

test("what a request has arrives, and the init goes before it", LIMIT, async () => {
  const graph = await simulateGraph({ devices: [{ id: "d" }] });
  const url = `${DEVICES}/d/runDiagnostics`;
  const request = () => new Request(url, { method: "POST", headers: { authorization: "Bearer one", "x-a": "1" }, body: "of the request" });
  await graph.fetch(request());
  await graph.fetch(request(), { method: "PUT", headers: { authorization: "Bearer two" }, body: "of the init" });
  await graph.fetch(new URL(DEVICES), { method: "get", headers: new Headers(headers) });
  await Reflect.apply(graph.fetch, null, [DEVICES, null]);
  const sent = graph.requests().map(({ method, headers, body }) => [method, headers.authorization, headers["x-a"], body]);
  assert.deepEqual(sent, [
    ["POST", "Bearer one", "1", "of the request"],
    ["PUT", "Bearer two", undefined, "of the init"],
    ["GET", "Bearer a-token", undefined, ""],
    ["GET", undefined, undefined, ""],
  ]);
  const used = request();
  await used.text();
  await assert.rejects(graph.fetch(used), TypeError, "its body was read");
  await assert.rejects(get(graph, DEVICES, { body: "x" }), { name: "TypeError", message: "A GET cannot have a body" });
});

test("bodies of every kind arrive, with their media type unless it is given", LIMIT, async () => {
  const graph = await simulateGraph({ devices: [{ id: "d" }] });
  const bytes = new TextEncoder().encode("a=ü");
  const TEXT = "text/plain;charset=UTF-8";
  const bodies = [
    ["a=ü", TEXT],
    [bytes, undefined],
    [bytes.buffer, undefined],
    [new URLSearchParams({ a: "ü" }), "application/x-www-form-urlencoded;charset=UTF-8"],
    [new Blob([bytes], { type: "application/json" }), "application/json"],
    [new Blob([bytes]).stream(), undefined],
  ];
  for (const [body] of bodies) await start(graph, "d", { body, duplex: "half" });
  const seen = graph.requests().map(({ headers, body }) => [body, headers["content-type"]]);
  assert.deepEqual(
    seen,
    bodies.map(([body, type]) => [body instanceof URLSearchParams ? "a=%C3%BC" : "a=ü", type]),
  );
  graph.reset();
  await start(graph, "d", { body: "{}", headers: { ...headers, "Content-Type": "application/json" } });
  await start(graph, "d", { body: "x".repeat(20_000) });
  assert.equal((await start(graph, "d", { body: "x".repeat(1_100_000) })).status, 413);
  const [given, long] = graph.requests();
  assert.deepEqual([given.headers["content-type"], long.body.length], ["application/json", 16_384]);
});

test("a redirect is followed, refused or returned, as `redirect` says", LIMIT, async () => {
  const { cause } = await failure(start(await withFaults({ redirect: "https://elsewhere.example/" })));
  assert.match(cause.message, /^This simulated Graph is at .*, not at https:\/\/elsewhere\.example: see options\.origin$/);
  const error = await failure(start(await withFaults({ redirect: DEVICES }), "d", { redirect: "error" }));
  assert.deepEqual([error.message, error.cause.message], ["fetch failed", "The response is a redirect"]);
  const manual = await start(await withFaults({ redirect: "https://elsewhere.example/" }), "d", { redirect: "manual" });
  assert.deepEqual([manual.status, manual.headers.get("location"), manual.type], [302, "https://elsewhere.example/", "basic"]);
  const graph = await withFaults({ redirect: "/beta/teamwork/devices" });
  const followed = await start(graph, "d", { body: "{}" });
  assert.deepEqual([followed.status, followed.redirected, followed.url], [200, true, DEVICES]);
  const [, second] = graph.requests();
  assert.deepEqual([second.method, second.body, second.headers], ["GET", "", headers], "a POST becomes a GET without its body");
});

test("a 307 keeps method and body, a circle of redirects ends", LIMIT, async () => {
  const again = { response: { status: 307, headers: /** @type {[string, string][]} */ ([["location", ""]]) } };
  const once = await withFaults(again);
  const response = await start(once, "d", { body: "kept" });
  assert.deepEqual([response.status, response.redirected, once.requests()[1].body], [202, true, "kept"]);
  const always = await simulateGraph({ devices: [{ id: "d", scenario: { postFaults: [again], repeatLastPostFault: true } }] });
  const { cause } = await failure(start(always));
  assert.equal(cause.message, "There are too many redirects");
  assert.equal(always.requests().length, 21);
});

test("statuses that the Response constructor refuses are responses all the same, and so are their clones", LIMIT, async () => {
  for (const status of [600, 999]) {
    const response = await start(await withFaults({ response: { status, body: { literal: "odd" } } }));
    for (const one of [response.clone(), response]) assert.deepEqual([one.status, one.ok, await one.text()], [status, false, "odd"]);
    assert.equal(response.url, `${DEVICES}/d/runDiagnostics`);
  }
  for (const status of [204, 205, 304]) {
    const response = await start(await withFaults({ response: { status, body: { literal: "{}" } } }));
    assert.deepEqual([response.status, response.body, await response.text()], [status, null, ""]);
  }
  const graph = await simulateGraph();
  const head = await get(graph, DEVICES, { method: "HEAD" });
  assert.equal(await head.text(), "");
});

test("the bodies of faults", LIMIT, async () => {
  /** @param {import("../../js/types/simulator.d.ts").FaultBody} [body] */
  const received = async (body) => {
    const response = await start(await withFaults({ response: { status: 500, retryAfter: "soon", body } }));
    assert.equal(response.headers.get("retry-after"), "soon");
    return [response.headers.get("content-type"), await response.text()];
  };
  assert.equal(JSON.parse((await received())[1]).error.code, JSON.parse((await received("error"))[1]).error.code);
  const forbidden = await start(await withFaults({ response: { status: 403 } }));
  assert.equal((await forbidden.json()).error.code, "Forbidden");
  assert.match((await received("html")).join(), /^text\/html,<html>/);
  assert.deepEqual(await received("empty"), ["text/plain", ""]);
  assert.match((await received("echo"))[1], /Rejected: Bearer a-token/);
  assert.deepEqual(await received({ literal: "[7" }), ["application/json", "[7"]);
  const half = await simulateGraph({
    devices: [{ id: "d", scenario: { pollFaults: [{ response: { status: 200, body: "truncated" } }] } }],
  });
  const location = (await start(half)).headers.get("location");
  const poll = async () => (await get(half, `${GRAPH}/beta${location}`)).text();
  const [cut, whole] = [await poll(), await poll()];
  assert.throws(() => JSON.parse(cut), SyntaxError);
  assert.equal(whole.slice(0, cut.length), cut);
});

test("a header field has the bytes of the network, and a device any name", LIMIT, async () => {
  const graph = await simulateGraph({ devices: [{ id: "d", scenario: { location: { literal: "/büro" } } }, { id: "a/b 'c'" }] });
  assert.equal((await start(graph)).headers.get("location"), "/bÃ¼ro");
  assert.equal((await start(graph, encodeURIComponent("a/b 'c'"))).status, 202);
  assert.deepEqual(
    graph.operations().map(({ deviceId }) => deviceId),
    ["d", "a/b 'c'"],
  );
});

test("in a page only the exposed header fields are seen, unless the page is of the same origin", LIMIT, async (t) => {
  const globals = {
    location: { origin: "https://portal.example", href: "https://portal.example/a" },
    navigator: { userAgent: "Mozilla/5.0" },
  };
  for (const [name, value] of Object.entries(globals)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
  }
  /** @param {SimulateGraphOptions} [options] @param {string} [url] */
  const fields = async (options, url = `${DEVICES}/d/runDiagnostics`) => {
    const graph = await simulateGraph({ devices: [{ id: "d", scenario: { runningRetryAfter: "1" } }], ...options });
    const response = await graph.fetch(url, { method: "POST", headers });
    const names = ["date", "location", "retry-after", "request-id", "content-type"].filter((name) => response.headers.has(name));
    return [response.type, ...names].join(" ");
  };
  assert.equal(await fields(), "cors location retry-after request-id content-type");
  assert.equal(await fields({ exposeLocation: false }), "cors retry-after request-id content-type");
  assert.equal(await fields({ exposeRetryAfter: false }), "cors location request-id content-type");
  const ofThePage = { origin: globals.location.origin };
  assert.equal(
    await fields(ofThePage, "/beta/teamwork/devices/d/runDiagnostics"),
    "basic date location retry-after request-id content-type",
  );
  const redirect = await withFaults({ redirect: "https://elsewhere.example" });
  const { type, status, headers: hidden, url, body } = await start(redirect, "d", { redirect: "manual" });
  assert.deepEqual([type, status, [...hidden], url, body], ["opaqueredirect", 0, [], `${DEVICES}/d/runDiagnostics`, null]);
});

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

test("it can replace the global fetch", LIMIT, async (t) => {
  const graph = await simulateGraph({ paceMs: 10 });
  t.mock.method(globalThis, "fetch", graph.fetch);
  const operation = await waitForOperation(await runDiagnostics("t", "successful"), { pollInterval: 10 });
  assert.equal(operation.status, "Successful");
  assert.ok(graph.requests().length >= 2);
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
