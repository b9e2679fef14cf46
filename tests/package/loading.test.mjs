// Calls while the wasm cannot be loaded or is not loaded yet: the error says why, and an abort takes effect.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";

const LIMIT = { timeout: 60_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const DIST = new URL("../../pkg/dist/", import.meta.url);
const JWT = "eyJ0eXAi.eyJhdWQi.c2ln";

let copies = 0;
/** A copy of an entry whose wasm is not loaded yet. */
const fresh = (name = "index") => import(new URL(`${name}.js?loading=${(copies += 1)}`, DIST).href);
const rejection = (call) =>
  call.then(
    (value) => assert.fail(`resolved to ${value}`),
    (reason) => reason,
  );
const running = async () => Response.json({ value: { id: "o", status: "InProgress" } });
const never = () => new Promise(() => {});
const listeners = (signal) => getEventListeners(signal, "abort").length;

/** Replaces a global until the test ends. */
function replace(t, holder, name, value) {
  const original = Object.getOwnPropertyDescriptor(holder, name);
  assert.ok(original, name);
  Object.defineProperty(holder, name, { ...original, value });
  t.after(() => Object.defineProperty(holder, name, original));
}

/** The errors of the engines when a policy forbids WebAssembly. */
function refuse(t, error) {
  replace(t, WebAssembly, "compile", async () => Promise.reject(error));
  replace(
    t,
    WebAssembly,
    "Module",
    class {
      constructor() {
        throw error;
      }
    },
  );
}

/** Every call, and the fields of its error. @type {Record<string, [call: (api: any) => Promise<any>, known: object]>} */
const CALLS = {
  runDiagnostics: [(api) => api.runDiagnostics("t", "d"), { deviceId: "d" }],
  waitForOperation: [(api) => api.waitForOperation(LOCATION), { location: LOCATION }],
  getOperation: [(api) => api.getOperation(LOCATION), { location: LOCATION }],
  listOperations: [(api) => api.listOperations("t", "d").next(), { deviceId: "d" }],
  listDevices: [(api) => api.listDevices("t").next(), {}],
};

async function eachCallRejects(api, code) {
  for (const [name, [call, known]] of Object.entries(CALLS)) {
    const error = await rejection(call(api));
    assert.ok(error instanceof api.DiagnosticsError && api.isDiagnosticsError(error), name);
    const { message, hint, cause, ...fields } = error;
    assert.deepEqual(fields, { code, mayHaveStarted: false, ...known }, name);
    assert.ok(error.message && hint, name);
  }
}

test("without WebAssembly every call says so", LIMIT, async (t) => {
  replace(t, globalThis, "WebAssembly", undefined);
  const api = await fresh();
  await eachCallRejects(api, "wasmUnsupported");
  const { hint, cause } = await rejection(api.getOperation(LOCATION));
  assert.match(hint, /Lockdown Mode.*--jitless.*React Native/);
  assert.doesNotMatch(hint, /Content-Security-Policy/);
  assert.ok(cause instanceof Error);
  const { init } = await fresh("init");
  assert.equal((await rejection(init(new Uint8Array(8)))).code, "wasmUnsupported");
});

test("node --jitless says that there is no WebAssembly", LIMIT, async () => {
  const script = `const { runDiagnostics } = await import(${JSON.stringify(new URL("index.js", DIST))});
await runDiagnostics("t", "d").catch(({ code, mayHaveStarted, deviceId }) => console.log(code, mayHaveStarted, deviceId));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--jitless", "--no-warnings", "--input-type=module", "-e", script]);
  assert.equal(stdout.trim(), "wasmUnsupported false d");
});

test("a WebAssembly object that does not work counts as none", LIMIT, async (t) => {
  refuse(t, new Error("not supported"));
  await eachCallRejects(await fresh(), "wasmUnsupported");
});

for (const [engine, error] of Object.entries({
  Chromium: new WebAssembly.CompileError("WebAssembly.compile(): violates the following Content Security policy directive"),
  Firefox: new WebAssembly.CompileError("call to WebAssembly.compile() blocked by CSP"),
  Safari: new EvalError("Refused to create a WebAssembly object because 'unsafe-eval' is not allowed"),
  workerd: new WebAssembly.CompileError("WebAssembly.Module(): Wasm code generation disallowed by embedder"),
})) {
  test(`a policy that forbids WebAssembly is recognised by the error of ${engine}`, LIMIT, async (t) => {
    refuse(t, error);
    const api = await fresh();
    await eachCallRejects(api, "wasmForbidden");
    const { hint, cause } = await rejection(api.getOperation(LOCATION));
    assert.match(hint, /'wasm-unsafe-eval' to script-src/);
    assert.equal(cause, error);
  });
}

test("for a damaged, wrong or missing wasm the error has the cause; a later init succeeds", LIMIT, async () => {
  const good = await readFile(new URL("teams_device_diagnostics.wasm", DIST));
  const damaged = Uint8Array.from(good).fill(255, 9, 10);
  const other = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const offline = new TypeError("offline");
  const said = [];
  const absent = Object.defineProperty(new Response("", { status: 404 }), "url", { value: "https://cdn.example/a.wasm?sig=secret#x" });
  const api = await fresh("init");
  for (const [source, cause] of [
    [() => damaged, WebAssembly.CompileError],
    [() => other, TypeError],
    [() => new WebAssembly.Module(other), TypeError],
    [() => absent, Error],
    [() => Promise.reject(offline), TypeError],
    [() => "no address", TypeError],
  ]) {
    const error = await rejection(api.init(source()));
    assert.ok(api.isDiagnosticsError(error));
    assert.deepEqual({ ...error, hint: undefined }, { code: "wasmNotLoaded", mayHaveStarted: false, hint: undefined });
    assert.ok(error.hint && error.cause instanceof cause, String(error.cause));
    said.push(error.message);
  }
  assert.equal(said[3], "The WebAssembly was not fetched: 404 from https://cdn.example/a.wasm");
  await api.init(good);
  assert.equal((await api.getOperation(LOCATION, { token: "t", fetch: running })).id, "o");
});

test("a call before init rejects with what to do, and a call during an init that fails rejects with its error", LIMIT, async () => {
  const api = await fresh("init");
  await eachCallRejects(api, "wasmNotLoaded");
  const { message, hint } = await rejection(api.runDiagnostics("t", "d"));
  assert.match(`${message}. ${hint}`, /not loaded\. Await init\(source\) first/);
  const failing = api.init(Promise.reject(new TypeError("offline"))).catch(() => {});
  await eachCallRejects(api, "wasmNotLoaded");
  await failing;
});

test("an argument that may be a token is in no error of a load that failed", LIMIT, async () => {
  const api = await fresh("init");
  for (const value of [JWT, `https://graph.microsoft.com/beta/o?token=${JWT}`, "x".repeat(1025), 7, { toString: () => JWT }]) {
    for (const call of [api.runDiagnostics("t", value), api.getOperation(value), api.listOperations("t", value).next()]) {
      const error = await rejection(call);
      assert.deepEqual([error.code, error.deviceId, error.location], ["wasmNotLoaded", undefined, undefined]);
    }
  }
});

/** Calls that wait for the wasm, each under a signal. */
const waiting = (api, options) => [
  api.runDiagnostics("t", "d", options),
  api.waitForOperation(LOCATION, options),
  api.getOperation(LOCATION, options),
  api.listOperations("t", "d", options).next(),
  api.listDevices("t", options).next(),
];

test("an abort while init waits ends each call at once, with the signal's reason; nothing is sent later", LIMIT, async () => {
  const api = await fresh("init");
  let release;
  const source = new Promise((resolve) => (release = resolve));
  const loading = api.init(source);
  const aborting = new AbortController();
  const fetch = () => assert.fail("nothing is sent");
  const calls = waiting(api, { token: "t", fetch, signal: aborting.signal });
  assert.equal(listeners(aborting.signal), 1);
  const reason = new Error("enough");
  aborting.abort(reason);
  for (const call of calls) assert.equal(await rejection(call), reason);
  assert.equal(listeners(aborting.signal), 0);
  // Also with a signal that has fired already.
  for (const call of waiting(api, { token: "t", fetch, signal: AbortSignal.abort("before") }))
    assert.equal(await rejection(call), "before");
  const polyfill = { aborted: true, addEventListener() {}, removeEventListener() {} };
  assert.equal((await rejection(api.getOperation(LOCATION, { token: "t", fetch, signal: polyfill }))).name, "AbortError");
  release(await readFile(new URL("teams_device_diagnostics.wasm", DIST)));
  await loading;
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("an abort while the ordinary entry loads ends the call at once", LIMIT, async (t) => {
  replace(t, WebAssembly, "compile", never);
  const api = await fresh();
  const controller = new AbortController();
  const call = api.runDiagnostics("t", "d", { signal: controller.signal });
  controller.abort("enough");
  assert.equal(await rejection(call), "enough");
  assert.equal(listeners(controller.signal), 0);
});

test("a call under a signal that waited for the wasm goes on when it is there, and still hears the signal", LIMIT, async () => {
  const api = await fresh();
  const controller = new AbortController();
  const { signal } = controller;
  assert.equal((await api.getOperation(LOCATION, { token: "t", fetch: running, signal })).id, "o");
  assert.equal(listeners(signal), 0);
  const other = await fresh();
  const call = other.getOperation(LOCATION, { token: "t", fetch: never, signal });
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort("enough");
  assert.equal(await rejection(call), "enough");
  assert.equal((await rejection((await fresh()).getOperation(LOCATION, { token: "t", signal: {} }))).code, "invalidArgument");
});
