// The options of the built package: each is read once and by name, from any kind of object, and checked before anything is sent.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { promisify } from "node:util";
import vm from "node:vm";
import { getOperation, listDevices, listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { matched } from "../../scripts/tools.mjs";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const done = () => Response.json({ value: { id: "o", operationType: "deviceDiagnostics", status: "Successful" } });
const accepted = () => new Response(null, { status: 202, headers: { location: LOCATION } });
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
/** The names of all options, as the types have them. */
const NAMES = [...read("js/types/index.d.ts").matchAll(/^export interface \w+Options [^]*?^}/gm)].flatMap(([members]) =>
  [...members.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name),
);

/** The requests of the global fetch, which responds as Graph does. */
const sent = [];
globalThis.fetch = asFetch(async (url, { method }) => {
  sent.push(`${method} ${url}`);
  if (url.endsWith("/operations") || url.includes("/devices?")) return Response.json({ value: [] });
  return method === "POST" ? accepted() : done();
});
afterEach(() => {
  sent.length = 0;
});

const CALLS = {
  runDiagnostics: (options) => runDiagnostics("t", "d", options),
  waitForOperation: (options) => waitForOperation(LOCATION, options),
  getOperation: (options) => getOperation(LOCATION, options),
  listOperations: (options) => listOperations("t", "d", options).next(),
  listDevices: (options) => listDevices("t", options).next(),
};

/** The error of a call. */
const rejection = (call) =>
  call.then(
    (value) => assert.fail(`resolved to ${value}`),
    (reason) => reason,
  );

/** Makes each call with the same options. */
async function eachCall(makeOptions, check) {
  for (const [name, call] of Object.entries(CALLS)) await check(() => call(makeOptions(name)), name);
}

test("null and undefined mean that there are none", LIMIT, async () => {
  for (const none of [null, undefined]) {
    assert.equal(await runDiagnostics("t", "d", none), LOCATION);
    assert.equal((await waitForOperation(LOCATION, none)).status, "Successful");
    assert.deepEqual(await listDevices("t", none).next(), { value: undefined, done: true });
    await runDiagnostics("t", "d");
    assert.equal((await getOperation(LOCATION, none)).status, "Successful");
    // The operation has ended, so its token is forgotten.
    assert.deepEqual(await rejection(waitForOperation(LOCATION, none)).then(({ code }) => code), "missingToken");
  }
});

test("an option that is undefined is not given", LIMIT, async () => {
  const none = Object.fromEntries(NAMES.map((name) => [name, undefined]));
  assert.equal(await runDiagnostics("t", "d", none), LOCATION);
  assert.equal((await waitForOperation(LOCATION, none)).status, "Successful");
});

test("options that are not an object, null or undefined are refused", LIMIT, async () => {
  for (const wrong of [7, "t", true, Symbol("t"), 1n]) {
    await eachCall(
      () => wrong,
      async (call, name) => {
        const { code, message } = await rejection(call());
        assert.deepEqual([code, /options/.test(message)], ["invalidArgument", true], name);
      },
    );
  }
  assert.deepEqual(sent, []);
});

const WRONG = {
  token: ["", 7, {}, "a b", null],
  cloud: ["moon", 7, null],
  baseUrl: ["http://graph.example/beta", "graph", 7, "", null],
  fetch: ["fetch", {}, null],
  signal: [{}, { aborted: false }, "signal", null, { aborted: false, addEventListener() {} }, new EventTarget()],
  timeout: [0, -1, Number.NaN, Infinity, "1", null, 1n],
  operationTimeout: [0, -1, Number.NaN, "1", null],
  tokenTimeout: [0, -1, Number.NaN, "1", null],
  maxRetries: [-1, 0.5, Number.NaN, Infinity, "1", null],
  patience: [-1, Number.NaN, "1", null],
  pollInterval: [0, -1, Number.NaN, Infinity, "1", null],
  onProgress: ["f", {}, null],
  onConflict: ["attach!", true, null],
  rememberToken: ["false", 0, null, {}],
};
test("the options that are read and tested are those of the types", () => {
  const [, names] = matched(/const OPTIONS = new Set\(\[([^]*?)\]\)/, read("src/bindings/host.js"));
  assert.deepEqual([...names.matchAll(/"(\w+)"/g)].map(([, name]) => name).sort(), NAMES.toSorted(), "OPTIONS in src/bindings/host.js");
  assert.deepEqual(Object.keys(WRONG).sort(), NAMES.toSorted(), "WRONG in this file");
});

test("every option is checked before anything is sent", LIMIT, async () => {
  for (const [option, values] of Object.entries(WRONG)) {
    for (const value of values) {
      await eachCall(
        () => ({ token: "t", [option]: value }),
        async (call, name) => {
          const { code, message } = await rejection(call());
          const text = `${name}: ${option} ${typeof value} ${JSON.stringify(typeof value === "bigint" ? "1n" : value)}: ${message}`;
          assert.equal(code, "invalidArgument", text);
          assert.ok(message.includes(`options.${option}`), text);
        },
      );
    }
  }
  assert.deepEqual(sent, []);
});

test("if a getter throws, the call rejects with its error before anything is sent", LIMIT, async () => {
  for (const option of NAMES) {
    const thrown = new Error(`of ${option}`);
    const makeOptions = () =>
      Object.defineProperty({ token: "t" }, option, {
        enumerable: true,
        get() {
          throw thrown;
        },
      });
    await eachCall(makeOptions, async (call, name) => assert.equal(await rejection(call()), thrown, name));
  }
  for (const thrown of [undefined, null, 0, "text"]) {
    /** @type {any} */
    const options = {
      get timeout() {
        throw thrown;
      },
    };
    assert.equal(await rejection(runDiagnostics("t", "d", options)), thrown);
  }
  assert.deepEqual(sent, []);
});

test("if a trap of a proxy throws, the call rejects with its error", LIMIT, async () => {
  for (const trap of ["get", "ownKeys", "getPrototypeOf"]) {
    const thrown = new Error(`of ${trap}`);
    const handler = {
      [trap]() {
        throw thrown;
      },
    };
    await eachCall(
      () => new Proxy({ timeout: 10_000 }, handler),
      async (call, name) => assert.equal(await rejection(call()), thrown, name),
    );
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  await eachCall(
    () => proxy,
    async (call) => assert.ok((await rejection(call())) instanceof TypeError),
  );
  assert.deepEqual(sent, []);
});

test("if a getter of a token source, signal or credential throws, only that call rejects", LIMIT, async () => {
  const thrown = new Error("of the getter");
  const throws = (name, rest) =>
    Object.defineProperty({ ...rest }, name, {
      get() {
        throw thrown;
      },
    });
  const listeners = { addEventListener() {}, removeEventListener() {} };
  const other = waitForOperation(LOCATION, { token: "t", onProgress: () => new Promise((resolve) => setTimeout(resolve, 50)) });
  for (const signal of [throws("aborted", listeners), throws("addEventListener", { aborted: false })]) {
    assert.equal(await rejection(runDiagnostics("t", "d", { signal })), thrown);
  }
  /** @type {any} an incomplete signal */
  const signal = {
    ...listeners,
    aborted: false,
    addEventListener() {
      throw thrown;
    },
  };
  assert.equal(await rejection(runDiagnostics("t", "d", { signal })), thrown);
  assert.equal(await rejection(runDiagnostics(throws("getToken"), "d")), thrown);
  assert.equal(await rejection(getOperation(LOCATION, { token: throws("getToken") })), thrown);
  assert.equal((await other).status, "Successful");
});

test("each given option is read once, and no other member is read", LIMIT, async () => {
  const reads = [];
  const given = { timeout: 10_000, maxRetries: 0, token: "t", mine: 7 };
  const options = new Proxy(given, {
    get(target, name, receiver) {
      reads.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
  await runDiagnostics("t", "d", options);
  assert.deepEqual(reads, ["timeout", "maxRetries", "token"]);
});

test("changes of the options after the call has begun have no effect", LIMIT, async () => {
  const urls = [];
  const events = [];
  const strange = () => assert.fail("of the changed options");
  const options = {
    maxRetries: 1,
    onProgress: ({ type }) => events.push(type),
    async fetch(url) {
      urls.push(url);
      Object.assign(options, {
        maxRetries: 0,
        fetch: strange,
        onProgress: strange,
        baseUrl: "https://elsewhere.example/beta",
        timeout: 1e-3,
        signal: AbortSignal.abort(),
      });
      return urls.length === 1 ? new Response("", { status: 503, headers: { "retry-after": "0" } }) : accepted();
    },
  };
  assert.equal(await runDiagnostics("t", "d", options), LOCATION);
  assert.deepEqual(urls, Array(2).fill("https://graph.microsoft.com/beta/teamwork/devices/d/runDiagnostics"));
  assert.deepEqual(events, ["retry", "started"]);
});

test(
  "what the caller changes while the package still loads changes nothing, and what a list is given counts when it is made",
  LIMIT,
  async () => {
    const script = `
    import { listDevices, runDiagnostics } from ${JSON.stringify(new URL("../../pkg/dist/index.js", import.meta.url).href)};
    const urls = [];
    const fetchOf = (name) => async (url, { method }) => {
      urls.push(name + " " + url);
      return method === "POST" ? new Response(null, { status: 202, headers: { location: "/teamwork/devices/d/operations/o" } }) : Response.json({ value: [] });
    };
    const options = { baseUrl: "https://first.example/beta", fetch: fetchOf("first") };
    const started = runDiagnostics("t", "d", options);
    const devices = listDevices("t", options);
    Object.assign(options, { baseUrl: "https://second.example/beta", fetch: fetchOf("second") });
    await started;
    await devices.next();
    await listDevices("t", { get timeout() { throw "thrown"; } }).next().catch((thrown) => urls.push(thrown));
    console.log(JSON.stringify(urls));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    assert.deepEqual(JSON.parse(stdout), [
      "first https://first.example/beta/teamwork/devices/d/runDiagnostics",
      "first https://first.example/beta/teamwork/devices?$top=50",
      "thrown",
    ]);
  },
);

test("members of Object.prototype are not options", LIMIT, async (t) => {
  const strange = { baseUrl: "https://elsewhere.example/beta", cloud: "china", maxRetries: "many", timeout: -1, token: "strange" };
  for (const [name, value] of Object.entries(strange)) {
    t.after(() => delete Object.prototype[name]);
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
  }
  assert.equal(await runDiagnostics("t", "d", {}), LOCATION);
  assert.deepEqual(sent, ["POST https://graph.microsoft.com/beta/teamwork/devices/d/runDiagnostics"]);
  await assert.rejects(getOperation(`${LOCATION}-unknown`, {}), { code: "missingToken" });
});

test("options of a class, with getters on its prototype, and without any prototype", LIMIT, async () => {
  const wanted = "https://dod-graph.microsoft.us/beta/teamwork/devices/d/runDiagnostics";
  const urls = [];
  const fetch = async (url) => {
    urls.push(url);
    return new Response(null, { status: 202, headers: { location: "/teamwork/devices/d/operations/o" } });
  };
  class Base {
    /** @type {import("teams-device-diagnostics").Cloud} */
    #cloud = "usGovL5";
    get cloud() {
      return this.#cloud;
    }
    fetch(...request) {
      const [url] = request;
      return fetch(url);
    }
  }
  class Options extends Base {
    get maxRetries() {
      return 0;
    }
  }
  await runDiagnostics("t", "d", new Options());
  await runDiagnostics("t", "d", Object.assign(Object.create(null), { cloud: "usGovL5", fetch }));
  await runDiagnostics("t", "d", Object.create({ cloud: "usGovL5", fetch }));
  await runDiagnostics("t", "d", Object.create(Object.assign(Object.create(null), { cloud: "usGovL5", fetch })));
  await runDiagnostics("t", "d", vm.runInNewContext("(fetch) => ({ cloud: 'usGovL5', fetch })")(fetch));
  assert.deepEqual(urls, Array(5).fill(wanted));
  await assert.rejects(
    runDiagnostics(
      "t",
      "d",
      /** @type {any} */ (
        new (class extends Base {
          get timeout() {
            return "1";
          }
        })()
      ),
    ),
    { message: /options\.timeout/ },
  );
});

test("the largest value of each limit is accepted", LIMIT, async () => {
  const options = {
    timeout: Number.MAX_VALUE,
    operationTimeout: Infinity,
    tokenTimeout: Infinity,
    maxRetries: 1_000_000,
    patience: Infinity,
    pollInterval: Number.MAX_VALUE,
  };
  // The same token source as before: with another one, the wait would need options.token.
  assert.equal(await runDiagnostics("t", "d", options), LOCATION);
  assert.equal((await waitForOperation(LOCATION, options)).status, "Successful");
});
