// Replacements of fetch that misbehave: whatever they do ends only their own call.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, runDiagnostics } from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const BODY = '{"value":{"id":"o","operationType":"deviceDiagnostics","status":"Successful"}}';
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
  let respond;
  const fetch = () => new Promise((resolve) => (respond = resolve));
  const goesOn = bystander();
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, timeout: 10, maxRetries: 0 }), { code: "timeout" });
  respond(throwing("status", "headers", "text"));
  await pause(5);
  await goesOn();
});

test("without any fetch the error is a network error", LIMIT, async (t) => {
  const { fetch } = globalThis;
  t.after(() => (globalThis.fetch = fetch));
  Reflect.deleteProperty(globalThis, "fetch");
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
