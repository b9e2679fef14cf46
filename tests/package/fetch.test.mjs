// Replacements of fetch: the arguments that they get, and that whatever they do ends only their own call.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, listDevices, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const BODY = '{"value":{"id":"o","operationType":"deviceDiagnostics","status":"Successful"}}';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const CALLS = {
  runDiagnostics: (fetch) => runDiagnostics("t", "d", { fetch, maxRetries: 0, operationTimeout: 2_000 }),
  getOperation: (fetch) => getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }),
};

/** Begins another call of the same instance; the returned function checks that it succeeds. */
function bystander() {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const call = getOperation(LOCATION, { token: "t", fetch: () => held });
  return async () => {
    release(new Response(BODY));
    assert.equal((await call).status, "Successful");
  };
}

test("a replacement gets the URL as a string, and a plain init with plain headers", LIMIT, async () => {
  const seen = [];
  const fetch = async (...given) => {
    seen.push(given);
    return seen.length === 1 ? new Response(null, { status: 202, headers: { location: LOCATION } }) : new Response(BODY);
  };
  await waitForOperation(await runDiagnostics("secret", "d", { fetch }));
  for (const [at, [url, init, ...more]] of seen.entries()) {
    assert.equal(url, at === 0 ? "https://graph.microsoft.com/beta/teamwork/devices/d/runDiagnostics" : LOCATION);
    assert.deepEqual(Object.keys(init).sort(), ["cache", "headers", "method", "redirect", "signal"]);
    assert.deepEqual(
      [init.method, init.redirect, init.cache, init.signal instanceof AbortSignal],
      [at === 0 ? "POST" : "GET", "manual", "no-store", true],
    );
    const { headers } = init;
    assert.equal(Object.getPrototypeOf(headers), Object.prototype);
    assert.deepEqual(Object.keys(headers), ["authorization", "client-request-id"]);
    assert.equal({ ...headers, more: "of the replacement" }.authorization, "Bearer secret");
    assert.match(headers["client-request-id"], GUID);
    assert.deepEqual(more, []);
  }
  assert.notEqual(seen[0][1].headers["client-request-id"], seen[1][1].headers["client-request-id"]);
});

/** All items of a list. */
async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A body that goes on until it is cancelled, in chunks of the given size. */
function endless(bytes) {
  const seen = { bytes: 0, isCancelled: false };
  const pull = (controller) => {
    seen.bytes += bytes;
    controller.enqueue(new Uint8Array(bytes).fill(32));
  };
  return {
    seen,
    stream: (signal) => {
      const stream = new ReadableStream({ pull, cancel: () => void (seen.isCancelled = true) });
      signal.addEventListener("abort", () => void (seen.isCancelled = true));
      return stream;
    },
  };
}

test("a body without end is read up to 1 MB, rejected as not an operation, and cancelled", LIMIT, async () => {
  const { seen, stream } = endless(100_000);
  const fetch = async (_, { signal }) => new Response(stream(signal));
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }), {
    code: "protocol",
    statusCode: 200,
    location: LOCATION,
  });
  assert.ok(seen.bytes < 2_000_000, `${seen.bytes} bytes`);
  assert.ok(seen.isCancelled);
});

test("the limit applies after decompression", LIMIT, async () => {
  const zipped = await new Response(new Blob([" ".repeat(50_000_000)]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  const fetch = async () =>
    new Response(new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip")), {
      headers: { "content-encoding": "gzip", "content-length": `${zipped.byteLength}` },
    });
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }), { code: "protocol" });
});

test("a body of text() that is too long is not parsed", LIMIT, async () => {
  /** @type {any} not a Response, but sufficient */
  const fetch = async () => ({ status: 200, headers: new Map(), text: () => BODY.padEnd(2 ** 20 + 1) });
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }), { code: "protocol" });
});

test("a page of a list may be longer, up to 64 MB", LIMIT, async () => {
  const page = (length) => JSON.stringify({ value: [{ id: "d", notes: "x".repeat(length) }] });
  const long = async () => new Response(new Blob([page(5_000_000)]).stream());
  assert.equal((await all(listDevices("t", { fetch: long }))).length, 1);
  /** @type {any} not a Response, but sufficient */
  const tooLong = async () => ({ status: 200, headers: new Map(), text: () => page(2 ** 26) });
  await assert.rejects(all(listDevices("t", { fetch: tooLong, maxRetries: 0 })), { code: "protocol" });
});

test("a body that comes in chunks is decoded correctly, even if they split a character", LIMIT, async () => {
  const bytes = new TextEncoder().encode(`\uFEFF${JSON.stringify({ id: "o", status: "Successful", note: "äöü€😀" })}`);
  const pieces = () =>
    new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
  assert.equal((await getOperation(LOCATION, { token: "t", fetch: async () => new Response(pieces()) })).note, "äöü€😀");
});

test("a plain object with status, headers and text is a sufficient response", LIMIT, async () => {
  /** @returns {any} not a Response, but sufficient */
  const stub = (status, fields, text) => ({ status, headers: { get: (name) => fields[name] ?? null }, text: async () => text });
  const fetch = async (_url, { method }) => (method === "POST" ? stub(202, { location: LOCATION }) : stub(200, {}, BODY));
  assert.equal((await waitForOperation(await runDiagnostics("t", "d", { fetch }))).status, "Successful");
  const refuses = async () =>
    stub(403, { "request-id": "r-1", date: "Thu, 01 Jan 2026 00:00:00 GMT" }, '{"error":{"code":"Forbidden","message":"No."}}');
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: refuses }), {
    code: "forbidden",
    graphCode: "Forbidden",
    requestId: "r-1",
  });
});

test("neither the response nor its text has to be a promise", LIMIT, async () => {
  /** @type {any} not a Response, but sufficient */
  const fetch = () => ({ status: 200, headers: new Map(), text: () => BODY });
  assert.equal((await getOperation(LOCATION, { token: "t", fetch })).status, "Successful");
});

const thrown = new Error("a bug of the replacement");
const throwing = (...names) =>
  Object.defineProperties(
    { status: 200, headers: new Headers(), text: async () => BODY },
    Object.fromEntries(
      names.map((name) => [
        name,
        {
          get() {
            throw thrown;
          },
        },
      ]),
    ),
  );
const FAULTS = {
  "throws at once": () => {
    throw thrown;
  },
  rejects: async () => {
    throw thrown;
  },
  "rejects with nothing": () => Promise.reject(),
  "resolves to undefined": async () => undefined,
  "resolves to null": async () => null,
  "resolves to an empty object": async () => ({}),
  "resolves to a text": async () => "answer",
  "returns nothing": () => {},
  "resolves to a proxy that throws": async () =>
    new Proxy(
      {},
      {
        get(_, name) {
          if (name === "then") return undefined;
          throw thrown;
        },
      },
    ),
  "resolves to an object that throws at every use": async () =>
    new Proxy(() => {}, {
      get() {
        throw thrown;
      },
    }),
  "has a status that throws": async () => throwing("status"),
  "has headers that throw": async () => throwing("headers"),
  "has a text that throws": async () => throwing("text"),
  "has no headers": async () => ({ status: 200, text: async () => BODY }),
  "accepts without headers": async () => ({ status: 202 }),
  "has headers.get that throws": async () => ({
    status: 200,
    headers: {
      get() {
        throw thrown;
      },
    },
    text: async () => BODY,
  }),
  "has a body that fails": async () => ({ status: 200, headers: new Headers(), text: () => Promise.reject(thrown) }),
};
// At the same time, because each start searches for the run that may have started, which takes a second.
describe("without a response only its own call ends", { concurrency: true }, () => {
  for (const [what, fetch] of Object.entries(FAULTS)) {
    test(`a replacement that ${what}`, LIMIT, async () => {
      const goesOn = bystander();
      for (const [name, call] of Object.entries(CALLS)) {
        const error = await call(fetch).catch((error) => error);
        assert.equal(error.code, "network", `${name}: ${error}`);
        assert.equal(error.mayHaveStarted, name === "runDiagnostics");
      }
      await goesOn();
    });
  }
});

// Of the statuses out of range only 0 has a meaning: a redirect that a browser hides.
/** @type {Record<string, [response: any, code: string]>} */
const ODD = {
  "has a status that is not a number": [{ status: "200", headers: new Headers(), text: async () => BODY }, "network"],
  "has no status": [{ headers: new Headers(), text: async () => BODY }, "network"],
  "has a status out of range": [{ status: -1e9, headers: new Headers(), text: async () => BODY }, "network"],
  "has the status NaN": [{ status: Number.NaN, headers: new Headers(), text: async () => BODY }, "network"],
  "has a text that is not a string": [{ status: 200, headers: new Headers(), text: async () => 7 }, "protocol"],
};
for (const [what, [response, code]] of Object.entries(ODD)) {
  test(`a replacement that ${what}: its call ends, and no other`, LIMIT, async () => {
    const goesOn = bystander();
    await assert.rejects(getOperation(LOCATION, { token: "t", fetch: async () => response, maxRetries: 0 }), { code });
    await goesOn();
  });
}

test("header fields that are not strings are ignored", LIMIT, async () => {
  for (const value of [7, 0, true, {}, Symbol("field"), 1n, () => "field", undefined]) {
    const goesOn = bystander();
    /** @type {any} not a Response, but sufficient */
    const stub = { status: 200, headers: { get: () => value }, text: async () => BODY };
    assert.equal((await getOperation(LOCATION, { token: "t", fetch: async () => stub })).status, "Successful");
    const refusal = { ...stub, status: 403 };
    const error = await getOperation(LOCATION, { token: "t", fetch: async () => refusal }).catch((error) => error);
    assert.deepEqual([error.code, error.requestId, error.date, error.retryAfterMs], ["forbidden", undefined, undefined, undefined]);
    await goesOn();
  }
});

test("a response that comes after the call has timed out has no effect", LIMIT, async () => {
  let answer;
  const fetch = () => new Promise((resolve) => (answer = resolve));
  const goesOn = bystander();
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, timeout: 10, maxRetries: 0 }), { code: "timeout" });
  answer(throwing("status", "headers", "text"));
  await pause(5);
  await goesOn();
});

test("without any fetch the error is a network error", LIMIT, async (t) => {
  const { fetch } = globalThis;
  t.after(() => (globalThis.fetch = fetch));
  delete globalThis.fetch;
  await assert.rejects(
    getOperation(LOCATION, { token: "t", maxRetries: 0 }),
    ({ code, cause }) => code === "network" && cause instanceof TypeError,
  );
});

test("a value without a status does not count as a response", LIMIT, async () => {
  for (const status of ["202", undefined, NaN, -1, 1_000, 202n, {}]) {
    const fetch = async () => ({ status, headers: new Headers({ location: LOCATION }), text: async () => BODY });
    for (const call of Object.values(CALLS)) {
      await assert.rejects(
        call(fetch),
        ({ code, cause }) => code === "network" && cause instanceof TypeError && /no status/.test(cause.message),
      );
    }
  }
});

/** A response after a redirect, from a fetch that ignores `redirect: "manual"`. */
const overRedirect = (status, fields) =>
  Object.defineProperty(new Response(status === 202 ? null : BODY, { status, headers: fields }), "redirected", { value: true });

test("a response after a followed redirect is refused, because the token was sent along", LIMIT, async () => {
  const redirected = async () => overRedirect(200);
  const error = await getOperation(LOCATION, { token: "t", fetch: redirected, maxRetries: 0 }).catch((error) => error);
  assert.deepEqual([error.code, error.location], ["untrustedLocation", LOCATION]);
  assert.match(error.message, /redirect/);
  // In a wait it is an unusable response, and the next poll may get a usable one.
  const answers = [overRedirect(200), new Response(BODY)];
  assert.equal((await waitForOperation(LOCATION, { token: "t", fetch: async () => answers.shift() })).status, "Successful");
  await assert.rejects(all(listDevices("t", { fetch: redirected, maxRetries: 0 })), { code: "untrustedLocation" });
});

test(
  "a 202 that came over a redirect may have started a run: nothing it names is followed, and the run is searched for",
  LIMIT,
  async () => {
    const sent = [];
    const run = { id: "o", operationType: "deviceDiagnostics", status: "Queued", createdDateTime: new Date().toISOString() };
    const fetch = async (_url, { method }) => {
      sent.push(method);
      return method === "POST"
        ? overRedirect(202, { location: "https://graph.microsoft.com/beta/somewhere/else" })
        : Response.json({ value: [run] });
    };
    assert.equal(await runDiagnostics("t", "d", { fetch }), LOCATION);
    assert.deepEqual(sent, ["POST", "GET"]);
  },
);

test("a redirect that a browser hides is an unusable response", LIMIT, async () => {
  /** @type {() => any} */
  const hidden = () => ({ status: 0, type: "opaqueredirect", headers: new Headers(), text: async () => "" });
  const answers = [hidden(), hidden(), new Response(BODY)];
  assert.equal((await waitForOperation(LOCATION, { token: "t", fetch: async () => answers.shift() })).status, "Successful");
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: async () => hidden(), maxRetries: 0 }), { code: "untrustedLocation" });
});

test("a byte order mark before the JSON of a replacement is skipped", LIMIT, async () => {
  /** @returns {any} not a Response, but sufficient */
  const stub = (text) => async () => ({ status: 200, headers: new Map(), text: async () => text });
  assert.equal((await getOperation(LOCATION, { token: "t", fetch: stub(`\uFEFF${BODY}`) })).status, "Successful");
  assert.deepEqual(await all(listDevices("t", { fetch: stub('\uFEFF{"value":[{"id":"d"}]}') })), [{ id: "d" }]);
  /** @type {any} not a Response, but sufficient */
  const refused = async () => ({
    status: 403,
    headers: new Map(),
    text: async () => '\uFEFF{"error":{"code":"Forbidden","message":"No."}}',
  });
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: refused }), { code: "forbidden", graphCode: "Forbidden" });
});

test("the code of a network error of Node is in the message", LIMIT, async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/beta`;
  // No server listens on this port any more.
  await new Promise((resolve) => server.close(resolve));
  const error = await getOperation("/o", { token: "t", baseUrl, maxRetries: 0 }).catch((error) => error);
  assert.equal(error.code, "network");
  assert.match(error.message, /: ECONNREFUSED$/);
  const failing = async () => {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }) });
  };
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: failing, maxRetries: 0 }), /: ENOTFOUND$/);
});

test("requests bypass the cache, except in Cloudflare Workers, whose older dates refuse this", LIMIT, async (t) => {
  const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  t.after(() => (navigator ? Object.defineProperty(globalThis, "navigator", navigator) : delete globalThis.navigator));
  for (const [userAgent, cache] of [
    ["Node.js/22", "no-store"],
    ["Cloudflare-Workers", undefined],
  ]) {
    Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
    const inits = [];
    const fetch = async (_, init) => {
      inits.push(init);
      return init.method === "POST" ? new Response(null, { status: 202, headers: { location: LOCATION } }) : new Response(BODY);
    };
    await waitForOperation(await runDiagnostics("t", "d", { fetch }));
    assert.deepEqual(
      inits.map((init) => init.cache),
      [cache, cache],
    );
    assert.equal(
      inits.some((init) => "cache" in init),
      cache !== undefined,
    );
  }
});
