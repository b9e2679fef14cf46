// The fetch of the simulated Graph behaves as a real one: faults, aborts, redirects, and what a page may read.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { promisify } from "node:util";
import FakeTimers from "@sinonjs/fake-timers";
import { runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { DEVICES, GRAPH, LIMIT, failure, get, headers, start, withFaults } from "./in-memory.mjs";
import { present } from "../shared/present.mjs";

/** @import { Fault, SimulateGraphOptions } from "../../js/types/simulator.d.ts" */

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
  assert.equal((await (await answered).json()).value.length, 20);
  last.abort();
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
  await assert.rejects(get(graph, DEVICES, { body: "x" }), { name: "TypeError", message: /cannot have body/ });
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
    return [String(response.headers.get("content-type")), await response.text()];
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

test("it can replace the global fetch", LIMIT, async (t) => {
  const graph = await simulateGraph({ paceMs: 10 });
  t.mock.method(globalThis, "fetch", graph.fetch);
  const operation = await waitForOperation(await runDiagnostics("t", "successful"), { pollInterval: 10 });
  assert.equal(operation.status, "Successful");
  assert.ok(graph.requests().length >= 2);
});

/** A Graph with a device whose polls have a fault, and the URL of an operation of it. @param {Fault} fault */
async function operationWith(fault) {
  const graph = await simulateGraph({ devices: [{ id: "d", scenario: { pollFaults: [fault] } }] });
  return { graph, url: `${GRAPH}/beta${(await start(graph)).headers.get("location")}` };
}

test("a body that is interrupted rejects when it is read; one that stalls waits until it is aborted", LIMIT, async () => {
  const cut = await operationWith({ response: { status: 200, body: "interrupted" } });
  const interrupted = await get(cut.graph, cut.url);
  assert.equal(interrupted.status, 200);
  const error = await failure(interrupted.text());
  assert.deepEqual([error.name, error.message, error.cause.code], ["TypeError", "terminated", "ECONNRESET"]);

  const controller = new AbortController();
  const stuck = await operationWith({ response: { status: 200, body: "stalled" } });
  const stalled = await get(stuck.graph, stuck.url, { signal: controller.signal });
  const reader = present(stalled.body, "the body").getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /^\{"value":/);
  const rest = failure(reader.read());
  controller.abort(new Error("enough"));
  assert.equal((await rest).message, "enough");
});

test("an abort ends the reading of both bodies, as in a real fetch", LIMIT, async () => {
  const graph = await simulateGraph();
  const reason = new Error("enough");
  const stream = () => ({ method: "POST", body: new ReadableStream({}), duplex: "half" });
  assert.equal(await failure(start(graph, "successful", { ...stream(), signal: AbortSignal.abort(reason) })), reason);
  const controller = new AbortController();
  const sending = failure(start(graph, "successful", { ...stream(), signal: controller.signal }));
  const response = await get(graph, DEVICES, { signal: controller.signal });
  controller.abort(reason);
  assert.equal(await sending, reason);
  assert.equal(await failure(response.text()), reason);
  const broken = new ReadableStream({ start: (source) => source.error(new Error("source")) });
  const { name, message } = await failure(start(graph, "successful", { ...stream(), body: broken }));
  assert.deepEqual([name, message], ["TypeError", "fetch failed"]);
  assert.deepEqual([graph.operations().length, graph.requests().length], [0, 1]);
});

test("what a real fetch refuses is refused, and nothing arrives", LIMIT, async () => {
  const graph = await simulateGraph();
  const body = () => new ReadableStream({ start: (source) => source.close() });
  const withBody = new Request(DEVICES, { method: "POST", body: "{}" });
  for (const [input, init] of /** @type {[any, any][]} */ ([
    [DEVICES, { method: "POST", body: body() }],
    [withBody, { method: "GET" }],
    [DEVICES.replace("https://", "https://user:password@"), {}],
    ...["A B", "", "TRACE", "CONNECT"].map((method) => [DEVICES, { method }]),
    [DEVICES, { signal: {} }],
    [DEVICES, { signal: "x" }],
    [DEVICES, { redirect: "sometimes" }],
    [DEVICES, { credentials: "perhaps" }],
    [DEVICES, { mode: "navigate" }],
    [DEVICES, 5],
    [DEVICES, { method: "POST", body: "{}", headers: { "content-length": "7" } }],
  ])) {
    await assert.rejects(graph.fetch(input, init), TypeError, JSON.stringify([String(input), init]));
  }
  assert.equal(graph.requests().length, 0);
});

test("a signal has one listener, however many requests wait for it, and none afterwards", LIMIT, async () => {
  const graph = await withFaults(...Array.from({ length: 12 }, () => /** @type {const} */ ("hang")));
  const controller = new AbortController();
  const waits = Array.from({ length: 12 }, () => failure(start(graph, "d", { signal: controller.signal })));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(getEventListeners(controller.signal, "abort").length, 1);
  controller.abort();
  assert.equal((await Promise.all(waits)).filter(({ name }) => name === "AbortError").length, 12);
  const { signal } = new AbortController();
  await (await get(await simulateGraph(), DEVICES, { signal })).text();
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a request that hangs keeps Node alive until its signal fires", LIMIT, async () => {
  const program = `
    import { simulateGraph } from ${JSON.stringify(new URL("../../pkg/dist/simulator.js", import.meta.url).href)};
    const graph = await simulateGraph({ devices: [{ id: "d", scenario: { postFaults: ["hang"] } }] });
    const init = { method: "POST", headers: { authorization: "Bearer t" }, signal: AbortSignal.timeout(50) };
    await graph.fetch("${DEVICES}/d/runDiagnostics", init).catch(({ name }) => console.log(name));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  assert.equal(stdout.trim(), "TimeoutError");
});

test("fake timers that replace everything do not stop it", LIMIT, async () => {
  const graph = await simulateGraph({ paceMs: 60_000 });
  await (await get(graph, DEVICES)).text();
  const immediate = setImmediate;
  const clock = FakeTimers.install();
  try {
    const status = runDiagnostics("t", "successful", { fetch: graph.fetch })
      .then((location) => waitForOperation(location))
      .then(({ status }) => status);
    let ended;
    status.finally(() => (ended = true));
    while (!ended) {
      await clock.tickAsync(1_000);
      await new Promise((resolve) => immediate(resolve));
    }
    assert.equal(await status, "Successful");
  } finally {
    clock.uninstall();
  }
});
