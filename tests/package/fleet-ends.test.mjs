// How fleets of the built package end early, and how they go on from their records.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runDiagnosticsOnDevices } from "../../pkg/dist/fleet.js";
import { FAST, all, fleetGraph, ids } from "../shared/fleet-graph.mjs";

const LIMIT = { timeout: 20_000 };

/** A journal: the records of a fleet, each kept only after a moment. */
function journal() {
  /** @type {any[]} */
  const records = [];
  const onState = async (record) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    records.push(structuredClone(record));
  };
  return { records, onState, last: (deviceId) => records.findLast((record) => record.deviceId === deviceId) };
}

const posts = ({ sent }) => sent.filter(({ method }) => method === "POST").length;

test("a record is kept before each POST, and after each change", LIMIT, async () => {
  const { records, onState } = journal();
  const graph = fleetGraph({
    respond: ({ method }) => {
      if (method === "POST") assert.equal(records.at(-1)?.state, "starting");
    },
  });
  const [result] = await all(runDiagnosticsOnDevices("secret-token-of-tests", ["a"], { fetch: graph.fetch, ...FAST, onState }));
  assert.deepEqual(
    records.map(({ state }) => state),
    ["starting", "running", "ended"],
  );
  const { time, ...last } = records[2];
  const { location, startedAt } = result;
  assert.deepEqual(last, { version: 1, deviceId: "a", state: "ended", outcome: "successful", location, startedAt, attempts: 2 });
  assert.ok(!JSON.stringify(records).includes("secret-token"));
  assert.match(time, /^\d{4}-\d\d-\d\dT.*Z$/);
});

test("leaving the loop hands over every location, and leaves nothing behind", LIMIT, async () => {
  const graph = fleetGraph({ polls: 1_000 });
  const { onState, last } = journal();
  let closed = 0;
  async function* devices() {
    try {
      yield* ids(20);
      yield { deviceId: "quick" };
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
    } finally {
      closed++;
    }
  }
  const respond = graph.fetch;
  /** @type {any} */
  const fetch = async (url, init) =>
    url.includes("/quick/operations/") ? Response.json({ id: "1", status: "Successful" }) : respond(url, init);
  for await (const { deviceId } of runDiagnosticsOnDevices("token", devices(), { fetch, ...FAST, onState })) {
    assert.equal(deviceId, "quick");
    break;
  }
  const sent = graph.sent.length;
  for (const deviceId of ids(20)) {
    const { state, location } = last(deviceId);
    assert.deepEqual([state, location?.endsWith("/operations/1")], ["running", true], deviceId);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(graph.sent.length, sent, "requests after the end");
  assert.ok(closed <= 1);
});

test("an abort yields a result for each device, and then rejects with the reason", LIMIT, async () => {
  const graph = fleetGraph({ polls: 1_000 });
  const stop = new AbortController();
  const reason = new Error("stop");
  const results = [];
  setTimeout(() => stop.abort(reason), 100);
  const read = async () => {
    for await (const result of runDiagnosticsOnDevices("token", ids(200), {
      ...FAST,
      fetch: graph.fetch,
      signal: stop.signal,
      maxRequestsPerSecond: 300,
    }))
      results.push(result);
  };
  const began = performance.now();
  await assert.rejects(read(), reason);
  assert.ok(performance.now() - began < 400);
  assert.equal(results.length, 200);
  const count = (wanted) => results.filter(({ outcome }) => outcome === wanted).length;
  assert.ok(count("aborted") > 0 && count("notStarted") > 0 && count("aborted") + count("notStarted") + count("lost") === 200);
  assert.ok(results.every(({ outcome, location }) => outcome !== "aborted" || location));
  const stopped = runDiagnosticsOnDevices("token", ids(3), { fetch: graph.fetch, signal: stop.signal });
  const sent = graph.sent.length;
  await assert.rejects(stopped.next(), reason);
  assert.equal(graph.sent.length, sent);
});

test("a device alone is taken back or stopped", LIMIT, async () => {
  const graph = fleetGraph({ polls: 1_000 });
  const [before, later] = [AbortSignal.abort(), new AbortController()];
  const fleet = runDiagnosticsOnDevices(
    "token",
    [
      { deviceId: "a", signal: before },
      { deviceId: "b", signal: later.signal },
    ],
    {
      fetch: graph.fetch,
      ...FAST,
    },
  );
  const first = await fleet.next();
  assert.deepEqual([first.value.deviceId, first.value.outcome], ["a", "notStarted"]);
  setTimeout(() => later.abort(), 50);
  const second = await fleet.next();
  assert.deepEqual([second.value.deviceId, second.value.outcome], ["b", "aborted"]);
  assert.ok(second.value.location && second.value.operation);
  assert.deepEqual(await fleet.next(), { value: undefined, done: true });
  assert.equal(graph.runs.has("a"), false);
});

test("each signal of a device that is named twice stops it", LIMIT, async () => {
  for (const which of [0, 1]) {
    const graph = fleetGraph({ polls: 1_000 });
    const signals = [new AbortController(), new AbortController()];
    const devices = signals.map(({ signal }) => ({ deviceId: "a", signal }));
    const fleet = runDiagnosticsOnDevices("token", devices, { fetch: graph.fetch, ...FAST });
    const result = fleet.next();
    setTimeout(() => signals[which].abort(), 60);
    assert.equal((await result).value.outcome, "aborted");
    assert.equal((await fleet.next()).done, true);
  }
});

test("a signal that is none, or cannot be read, refuses its device once", LIMIT, async () => {
  const graph = fleetGraph();
  const unreadable = {
    deviceId: "b",
    get signal() {
      throw new Error("no");
    },
  };
  const deaf = {
    addEventListener() {
      throw new Error("no");
    },
  };
  const proxy = new Proxy(new AbortController().signal, {
    get() {
      throw new Error("no");
    },
  });
  const devices = [
    "a",
    { deviceId: "a", signal: "x" },
    unreadable,
    { deviceId: "c", signal: "x" },
    "c",
    Promise.resolve("d"),
    { deviceId: "e", signal: deaf },
    { deviceId: "f", signal: proxy },
    { deviceId: "a", signal: deaf },
  ];
  const results = await all(runDiagnosticsOnDevices("token", /** @type {any} */ (devices), { fetch: graph.fetch, ...FAST }));
  const outcomes = Object.fromEntries(results.map(({ deviceId, outcome }) => [deviceId, outcome]));
  assert.deepEqual(outcomes, {
    a: "successful",
    b: "refused",
    c: "refused",
    d: "successful",
    e: "refused",
    f: "refused",
  });
  assert.equal(results.length, 6);
});

test("a device that is named again and again with one signal has one listener", LIMIT, async () => {
  const graph = fleetGraph();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener;
  signal.addEventListener = (...args) => {
    listeners += 1;
    return add.apply(signal, /** @type {any} */ (args));
  };
  const devices = [...Array.from({ length: 5_000 }, () => ({ deviceId: "a", signal })), "b"];
  const results = await all(runDiagnosticsOnDevices("token", devices, { fetch: graph.fetch, ...FAST }));
  assert.deepEqual(results.map(({ deviceId, outcome }) => [deviceId, outcome]).sort(), [
    ["a", "successful"],
    ["b", "successful"],
  ]);
  // Each of its two requests listens too.
  assert.ok(listeners <= 3, `${listeners} listeners`);
});

test("a loop that is left while a record is kept ends when it is", LIMIT, async () => {
  const graph = fleetGraph();
  let kept = 0;
  const onState = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    kept += 1;
  };
  const fleet = runDiagnosticsOnDevices("token", ["a"], { fetch: graph.fetch, onState, ...FAST });
  fleet.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await fleet.return?.();
  assert.deepEqual([kept, graph.sent.length], [1, 0]);
});

test("an iterable without end blocks nothing, and is left with the loop", LIMIT, async () => {
  const graph = fleetGraph();
  let [count, isLeft] = [0, false];
  function* endless() {
    try {
      for (;;) yield `device-${count++}`;
    } finally {
      isLeft = true;
    }
  }
  let ended = 0;
  for await (const { outcome } of runDiagnosticsOnDevices("token", endless(), { fetch: graph.fetch, ...FAST })) {
    assert.equal(outcome, "successful");
    ended += 1;
    if (ended === 5) break;
  }
  assert.ok(isLeft);
  assert.ok(count <= 50_005, `${count} devices were read`);
});

test("a fleet goes on from the records of an earlier one", LIMIT, async () => {
  const graph = fleetGraph({ polls: 2 });
  const { records, onState } = journal();
  const options = { fetch: graph.fetch, ...FAST };
  for await (const _ of runDiagnosticsOnDevices("token", ids(10), { ...options, onState })) break;
  const started = posts(graph);
  const lines = records.map((record) => JSON.parse(JSON.stringify(record)));
  const sent = graph.sent.length;
  const ended = lines.filter(({ state }) => state === "ended").map(({ deviceId }) => deviceId);
  assert.ok(ended.length > 0);
  async function* resume() {
    yield* lines;
  }
  const results = await all(runDiagnosticsOnDevices("token", ids(10), { ...options, resume: resume() }));
  assert.deepEqual(results.map(({ deviceId }) => deviceId).sort(), ids(10).sort());
  assert.ok(results.every(({ outcome, location, startedAt }) => outcome === "successful" && location && startedAt));
  assert.equal(posts(graph), 10);
  assert.ok(started <= 10);
  assert.ok(
    graph.sent.slice(sent).every(({ device }) => !ended.includes(device)),
    "what has ended is not touched",
  );
  assert.ok([...graph.runs.values()].every(({ started }) => started === 1));
});

test("an error of an earlier fleet is an error again", LIMIT, async () => {
  const { records, onState } = journal();
  const fetch = fleetGraph({ respond: ({ method }) => (method === "POST" ? new Response(null, { status: 403 }) : undefined) }).fetch;
  const [first] = await all(runDiagnosticsOnDevices("token", ["a"], { fetch, ...FAST, onState }));
  assert.deepEqual([first.outcome, first.error?.code], ["refused", "forbidden"]);
  const [again] = await all(runDiagnosticsOnDevices("token", [], { fetch, ...FAST, resume: records }));
  assert.deepEqual([again.deviceId, again.outcome, again.error?.code], ["a", "refused", "forbidden"]);
  assert.equal(again.error?.message, first.error?.message);
});

test("records that are none are refused before anything is sent", LIMIT, async () => {
  const graph = fleetGraph();
  const good = { version: 1, deviceId: "a", state: "starting", time: new Date().toISOString(), attempts: 0 };
  const bad = [
    null,
    7,
    {},
    { ...good, version: 2 },
    { ...good, deviceId: undefined },
    { ...good, state: "unknown" },
    { ...good, time: "yesterday" },
    { ...good, state: "running" },
    { ...good, state: "running", location: "https://evil.example/beta/teamwork/devices/a/operations/1" },
    { ...good, state: "ended", outcome: "great" },
  ];
  for (const record of bad) {
    const fleet = runDiagnosticsOnDevices("token", ["a"], { fetch: graph.fetch, ...FAST, resume: /** @type {any[]} */ ([record]) });
    await assert.rejects(all(fleet), { code: "invalidArgument", message: /^options\.resume / }, JSON.stringify(record));
  }
  assert.equal(graph.sent.length, 0);
});

test("a record that is lost after an abort is what the loop throws, and nothing is left unhandled", LIMIT, async (t) => {
  /** @type {unknown[]} */
  const unhandled = [];
  const note = (/** @type {unknown} */ failure) => unhandled.push(failure);
  process.on("uncaughtException", note);
  t.after(() => process.off("uncaughtException", note));
  const graph = fleetGraph({ polls: 1_000 });
  const controller = new AbortController();
  const onState = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (controller.signal.aborted) throw new Error("disk");
  };
  const fleet = runDiagnosticsOnDevices("token", ids(2), { fetch: graph.fetch, ...FAST, onState, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("stop")), 60);
  await assert.rejects(all(fleet), { message: "disk" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(unhandled, []);
});

test("records are not read on after the end, and their iterator is closed", LIMIT, async () => {
  let [read, closed] = [0, false];
  async function* endless() {
    try {
      for (;;) {
        read += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        yield { version: 1, deviceId: `d${read}`, state: "starting", time: new Date().toISOString(), attempts: 0 };
      }
    } finally {
      closed = true;
    }
  }
  const options = { fetch: fleetGraph().fetch, ...FAST, resume: /** @type {any} */ (endless()) };
  const fleet = runDiagnosticsOnDevices("token", [], options);
  const first = fleet.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await fleet.return?.();
  assert.equal((await first).done, true);
  const before = read;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(closed && read <= before + 1, `${read - before} more`);
});

test("a fleet that fails before it has read all devices throws why", LIMIT, async () => {
  for (const source of [() => "", async () => "", async () => undefined]) {
    const results = [];
    await assert.rejects(
      async () => {
        for await (const result of runDiagnosticsOnDevices(/** @type {any} */ (source), ids(5_000), { fetch: fleetGraph().fetch }))
          results.push(result);
      },
      { code: "invalidArgument", message: /^token / },
    );
    assert.ok(results.length > 0 && results.every(({ outcome, error }) => outcome === "notStarted" && error?.code === "invalidArgument"));
  }
});
