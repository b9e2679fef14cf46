// Fleets of the built package: what they accept, and what they yield.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DiagnosticsError, isDiagnosticsError, listDevices, runDiagnosticsOnDevices, waitForOperation } from "../../pkg/dist/fleet.js";
import { FAST, all, fleetGraph, ids } from "../shared/fleet-graph.mjs";

const LIMIT = { timeout: 20_000 };

test("one result for each device, in the order in which they end", LIMIT, async () => {
  const graph = fleetGraph();
  const began = new Date().toISOString();
  const results = await all(runDiagnosticsOnDevices("token", ids(50), { fetch: graph.fetch, ...FAST }));
  assert.deepEqual(results.map(({ deviceId }) => deviceId).sort(), ids(50).sort());
  for (const result of results) {
    const { deviceId, outcome, operation, location, startedAt, endedAt, attempts, ...rest } = result;
    assert.deepEqual([outcome, operation?.state, attempts, rest], ["successful", "successful", 2, {}]);
    assert.equal(location, `https://graph.microsoft.com/beta/teamwork/devices/${encodeURIComponent(deviceId)}/operations/1`);
    assert.ok(startedAt && began <= startedAt && startedAt <= endedAt);
  }
  assert.equal(graph.sent.length, 100);
});

test("nothing is sent before the first result is wanted", LIMIT, async () => {
  const graph = fleetGraph();
  const fleet = runDiagnosticsOnDevices("token", ids(2), { fetch: graph.fetch, ...FAST });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(graph.sent.length, 0);
  assert.equal(fleet[Symbol.asyncIterator](), fleet);
  assert.equal((await all(fleet)).length, 2);
  assert.deepEqual(await fleet.next(), { value: undefined, done: true });
});

test("the fleet does not wait for a slow consumer", LIMIT, async () => {
  const graph = fleetGraph();
  const fleet = runDiagnosticsOnDevices("token", ids(30), { fetch: graph.fetch, ...FAST });
  await fleet.next();
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(graph.sent.length, 60, "all devices ended while one result was read");
  assert.equal((await all(fleet)).length, 29);
});

test("results that nobody reads stop the reading of devices, even if each of them is refused", { timeout: 60_000 }, async () => {
  let count = 0;
  function* wrong() {
    for (;;) yield `\u0001${++count}`;
  }
  const fleet = runDiagnosticsOnDevices("token", wrong(), { fetch: fleetGraph().fetch });
  assert.equal((await fleet.next()).value.outcome, "refused");
  for (let before = 0; before !== count; await new Promise((resolve) => setTimeout(resolve, 500))) before = count;
  assert.equal(count, 50_001);
  for (let read = 1; read < 100; read++) await fleet.next();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(count, 50_100);
  await fleet.return?.();
});

test("several results can be wanted at once", LIMIT, async () => {
  const { fetch } = fleetGraph();
  const fleet = runDiagnosticsOnDevices("token", ids(2), { fetch, ...FAST });
  const steps = await Promise.all([fleet.next(), fleet.next(), fleet.next(), fleet.next()]);
  assert.deepEqual(
    steps.map(({ done }) => done),
    [false, false, true, true],
  );
});

test("devices come from any iterable, and from a list of Graph", LIMIT, async () => {
  const { fetch } = fleetGraph();
  const options = { fetch, ...FAST };
  const idsOf = async (devices) => (await all(runDiagnosticsOnDevices("token", devices, options))).map(({ deviceId }) => deviceId).sort();
  assert.deepEqual(await idsOf(new Set(["a", "b"])), ["a", "b"]);
  assert.deepEqual(await idsOf(["a", { deviceId: "b" }, { id: "c", deviceType: "teamsRoom" }, "a"]), ["a", "b", "c"]);
  async function* later() {
    yield "a";
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield { deviceId: "b" };
  }
  assert.deepEqual(await idsOf(later()), ["a", "b"]);
  const page = async () => Response.json({ value: [{ id: "x" }, { id: "y" }] });
  assert.deepEqual(await idsOf(listDevices("token", { fetch: page })), ["x", "y"]);
  assert.deepEqual(await idsOf([]), []);
});

test("a device that cannot be one is refused alone", LIMIT, async () => {
  const graph = fleetGraph();
  const jwt = "eyJ0eXAi.eyJhdWQi.c2ln";
  const devices = /** @type {any[]} */ (["a", "", 7, null, "..", jwt, { deviceId: "b", signal: {} }]);
  const results = await all(runDiagnosticsOnDevices("token", devices, { fetch: graph.fetch, ...FAST }));
  assert.equal(results.length, devices.length);
  const refused = results.filter(({ outcome }) => outcome === "refused");
  assert.ok(refused.every(({ error }) => isDiagnosticsError(error) && error.code === "invalidArgument" && error.message));
  assert.equal(refused.length, 6);
  assert.ok(!JSON.stringify(results).includes(jwt), "a token in a result");
  assert.equal(graph.sent.length, 2);
});

test("wrong arguments and options reject before anything is sent", LIMIT, async () => {
  const graph = fleetGraph();
  const fails = async (name, token, devices, options) => {
    const fleet = runDiagnosticsOnDevices(token, devices, options && { fetch: graph.fetch, ...options });
    const error = await fleet.next().then(
      () => assert.fail(`${name} was accepted`),
      (error) => error,
    );
    assert.ok(error instanceof DiagnosticsError && error.code === "invalidArgument", `${name}: ${error}`);
    assert.ok(error.message.startsWith(name), `${name}: ${error.message}`);
    assert.deepEqual(await fleet.next(), { value: undefined, done: true });
  };
  const any = /** @type {any} */ (undefined);
  await fails("token", "", ["a"], {});
  await fails("token", any, ["a"], {});
  for (const devices of /** @type {any[]} */ ([undefined, null, "room 1", 7, {}])) await fails("deviceIds", "t", devices, {});
  const wrong = {
    concurrency: [0, 1.5, "3", -1, Number.NaN],
    maxRequestsPerSecond: [0, -1, 1_001, "10", Number.NaN],
    pauseTimeout: [0, -5, "1"],
    resume: [7, {}, "records", null],
    onState: [7, {}, null],
    onConflict: ["attaches"],
    timeout: [0],
    signal: [{}],
  };
  for (const [name, values] of Object.entries(wrong))
    for (const value of /** @type {any[]} */ (values)) await fails(`options.${name}`, "t", ["a"], { [name]: value });
  await assert.rejects(runDiagnosticsOnDevices("t", ["a"], /** @type {any} */ (7)).next(), { code: "invalidArgument" });
  assert.equal(graph.sent.length, 0);
  assert.equal((await all(runDiagnosticsOnDevices("t", ["a"], { fetch: graph.fetch, concurrency: Infinity, ...FAST }))).length, 1);
});

test("what the caller's own code throws ends the fleet, after the results", LIMIT, async () => {
  const failure = new Error("of the caller");
  const throwing = () => {
    throw failure;
  };
  async function* failing(items = ["a"]) {
    yield* items;
    throw failure;
  }
  const options = (more) => ({ fetch: fleetGraph({ polls: 1_000 }).fetch, ...FAST, ...more });
  /** @type {[string, any, any][]} */
  const cases = [
    ["deviceIds", failing(), {}],
    ["an event", ["a", "b"], { onProgress: throwing }],
    ["an async event", ["a", "b"], { onProgress: async () => throwing() }],
    ["onState", ["a", "b"], { onState: throwing }],
    ["an async onState", ["a", "b"], { onState: async () => throwing() }],
    ["resume", ["a", "b"], { resume: failing([]) }],
  ];
  for (const [name, devices, more] of cases) {
    const results = [];
    const read = async () => {
      for await (const result of runDiagnosticsOnDevices("token", devices, options(more))) results.push(result);
    };
    await assert.rejects(read(), failure, name);
    assert.ok(
      results.every(({ outcome }) => ["aborted", "notStarted", "lost"].includes(outcome)),
      name,
    );
  }
  const getter = Object.defineProperty({}, "concurrency", { get: throwing, enumerable: true });
  await assert.rejects(runDiagnosticsOnDevices("token", ["a"], getter).next(), failure);
});

test("events carry their device, and the state of the fleet adds up", LIMIT, async () => {
  const { fetch } = fleetGraph({ polls: 3 });
  /** @type {any[]} */
  const events = [];
  await all(runDiagnosticsOnDevices("token", ids(10), { fetch, ...FAST, onProgress: (event) => events.push(event) }));
  const kinds = (type) => events.filter((event) => event.type === type);
  assert.deepEqual(new Set(kinds("started").map(({ deviceId }) => deviceId)), new Set(ids(10)));
  assert.equal(kinds("status").length, 30);
  assert.ok(kinds("status").every(({ deviceId, location }) => location.includes(encodeURIComponent(deviceId))));
  const states = kinds("fleet");
  for (const { waiting, starting, running, successful, failed, other } of states)
    assert.ok(waiting + starting + running + successful + failed + other <= 10);
  const { type, ...last } = states.at(-1);
  assert.deepEqual(last, { waiting: 0, starting: 0, running: 0, successful: 10, failed: 0, other: 0, requestsSent: 40 });
});

test("a run that goes on can be followed by its location alone", LIMIT, async () => {
  const graph = fleetGraph({ polls: 20 });
  const [result] = await all(runDiagnosticsOnDevices("token", ["a"], { fetch: graph.fetch, ...FAST, operationTimeout: 40 }));
  assert.deepEqual([result.outcome, result.error?.code], ["stillRunning", "operationTimeout"]);
  assert.equal((await waitForOperation(/** @type {string} */ (result.location), { pollInterval: 5 })).state, "successful");
});

test("one token request serves all requests that wait for a token, and none is open beside it", LIMIT, async () => {
  const graph = fleetGraph();
  let open = 0;
  let requests = 0;
  const token = async () => {
    assert.equal(++open, 1, "two token requests are open");
    await new Promise((resolve) => setTimeout(resolve, 30));
    open--;
    return `token ${++requests}`.replace(" ", "-");
  };
  await all(runDiagnosticsOnDevices(token, ids(40), { fetch: graph.fetch, ...FAST }));
  assert.ok(requests < 40, `${requests} token requests for ${graph.sent.length} requests`);
});

test("a refused token pauses the fleet until the source gives another", { timeout: 40_000 }, async () => {
  let current = "old-token";
  const graph = fleetGraph({
    polls: 3,
    respond: ({ token, count }) => (count > 20 && token === "old-token" ? new Response(null, { status: 401 }) : undefined),
  });
  /** @type {any[]} */
  const pauses = [];
  const onProgress = (event) => {
    if (event.type !== "paused") return;
    pauses.push(event);
    current = "new-token";
  };
  const results = await all(runDiagnosticsOnDevices(() => current, ids(15), { fetch: graph.fetch, ...FAST, onProgress }));
  assert.ok(results.every(({ outcome }) => outcome === "successful"));
  assert.deepEqual([pauses.length, pauses[0].reason, pauses[0].error.code], [1, "unauthorized", "unauthorized"]);
  assert.ok(isDiagnosticsError(pauses[0].error));
});
