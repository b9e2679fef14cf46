// Replacements of fetch: the arguments that they get, and the responses that are sufficient.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getOperation, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const BODY = '{"value":{"id":"o","operationType":"deviceDiagnostics","status":"Successful"}}';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

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

test("a plain object with status, headers and text is a sufficient response", LIMIT, async () => {
  /** @returns {any} not a Response, but sufficient */
  const stub = (status, fields, text) => ({ status, headers: { get: (name) => fields[name] ?? null }, text: async () => text });
  const fetch = asFetch(async (_url, { method }) => (method === "POST" ? stub(202, { location: LOCATION }) : stub(200, {}, BODY)));
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

test("requests bypass the cache, except in Cloudflare Workers, whose older dates refuse this", LIMIT, async (t) => {
  const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  t.after(() => (navigator ? Object.defineProperty(globalThis, "navigator", navigator) : Reflect.deleteProperty(globalThis, "navigator")));
  for (const [userAgent, cache] of [
    ["Node.js/22", "no-store"],
    ["Cloudflare-Workers", undefined],
  ]) {
    Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
    const inits = [];
    const fetch = asFetch(async (_url, init) => {
      inits.push(init);
      return init.method === "POST" ? new Response(null, { status: 202, headers: { location: LOCATION } }) : new Response(BODY);
    });
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
