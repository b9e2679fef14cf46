// The HTTP log of the page, without a browser.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { HttpLog } from "../../www/src/http-log.js";

describe("the HTTP log", () => {
  const TOKEN = "eyJhbGciOi/long.enough+to-be_real";
  const init = { method: "POST", headers: new Headers({ authorization: `Bearer ${TOKEN}`, "client-request-id": "mine" }) };

  test("records requests and responses, and shows them as HTTP", async (t) => {
    const origin = await serve(t, (_request, response) => response.writeHead(202, { location: "/there" }).end("taken"));
    const httpLog = new HttpLog();
    const response = await httpLog.fetch(`${origin}/here?a=b`, init);
    assert.deepEqual([response.status, await response.text()], [202, "taken"]);
    const [{ method, url, status, body, failure }] = httpLog.entries;
    assert.deepEqual(
      { method, url, status, body, failure },
      { method: "POST", url: `${origin}/here?a=b`, status: 202, body: "taken", failure: undefined },
    );
    const text = httpLog.toText();
    assert.match(text, /^# \d{4}-\d\d-\d\dT[\d:.]+Z\nPOST \/here\?a=b HTTP\/1\.1\nhost: 127\.0\.0\.1:\d+\n/);
    assert.match(text, /\nauthorization: Bearer \[token\]\nclient-request-id: mine\n\nHTTP\/1\.1 202\n/);
    assert.match(text, /\nlocation: \/there\n[^]*\n\ntaken\n$/);
  });

  test("keeps no token, wherever and however the service repeats it", async (t) => {
    const escaped = TOKEN.replace("/", "\\/").replace("+", "\\u002B");
    const body = [TOKEN, escaped, encodeURIComponent(TOKEN), "x".repeat(19_850), TOKEN].join(" ");
    const origin = await serve(t, (_request, response) => response.writeHead(400, { "x-echo": TOKEN }).end(body));
    const httpLog = new HttpLog();
    const response = await httpLog.fetch(`${origin}/${encodeURIComponent(TOKEN)}`, init);
    assert.equal(await response.text(), body, "the caller gets what was sent");
    const kept = JSON.stringify(httpLog.entries) + httpLog.toText();
    for (const part of ["eyJhbGciOi", "long.enough", "be_real"]) assert.ok(!kept.includes(part), part);
    assert.ok(httpLog.entries[0].body.startsWith("[token] [token] [token] xxx"));
  });

  test("a token as short as those of tests is removed where it is a whole value", async (t) => {
    const origin = await serve(t, (_request, response) => response.end('{"token":"any","any":"any where"}'));
    const httpLog = new HttpLog();
    await (await httpLog.fetch(origin, { headers: { Authorization: "bearer any" } })).text();
    assert.equal(httpLog.entries[0].body, '{"token":"[token]","any":"any where"}');
  });

  test("the caller does not wait for a body, and may leave it", async (t) => {
    const origin = await serve(t, (_request, response) => response.writeHead(202, { location: "/there" }).write("the first part"));
    const httpLog = new HttpLog();
    const left = new AbortController();
    await httpLog.fetch(origin, { ...init, signal: left.signal });
    left.abort();
    const ended = new AbortController();
    const body = (await httpLog.fetch(origin, { ...init, signal: ended.signal })).text();
    ended.abort();
    await assert.rejects(body, { name: "AbortError" });
    assert.deepEqual(
      httpLog.entries.map(({ status, failure }) => [status, failure?.slice(0, 10)]),
      [
        [202, undefined],
        [202, "AbortError"],
      ],
    );
  });

  test("a body that was read is recorded, although the request is aborted at once", async (t) => {
    const origin = await serve(t, (_request, response) => response.end("all"));
    const httpLog = new HttpLog();
    const controller = new AbortController();
    await (await httpLog.fetch(origin, { signal: controller.signal })).text().then(() => controller.abort());
    assert.deepEqual([httpLog.entries[0].body, httpLog.entries[0].failure], ["all", undefined]);
  });

  test("an aborted or lost request is recorded as such, and rejects as without the log", async (t) => {
    const origin = await serve(t, (request, response) => request.url === "/lost" && response.destroy());
    const httpLog = new HttpLog();
    const controller = new AbortController();
    const hanging = httpLog.fetch(origin, { ...init, signal: controller.signal });
    assert.match(httpLog.toText(), /# No response yet\.\n$/);
    const reason = new Error(`ended with ${TOKEN}`);
    controller.abort(reason);
    await assert.rejects(hanging, reason);
    await assert.rejects(httpLog.fetch(`${origin}/lost`, init), TypeError);
    assert.deepEqual(
      httpLog.entries.map(({ status }) => status),
      [undefined, undefined],
    );
    assert.match(httpLog.toText(), /# Error: ended with \[token\][^]*# TypeError: fetch failed\n$/);
  });

  test("a body that breaks off is recorded as a failure", async (t) => {
    const origin = await serve(t, (_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 20);
    });
    const httpLog = new HttpLog();
    await assert.rejects((await httpLog.fetch(origin)).text());
    assert.deepEqual([httpLog.entries[0].status, typeof httpLog.entries[0].failure], [200, "string"]);
  });

  test("a redirect that the browser hides is recorded", async (t) => {
    t.mock.method(globalThis, "fetch", async () => Object.defineProperty(new Response(), "type", { value: "opaqueredirect" }));
    const httpLog = new HttpLog();
    await httpLog.fetch("https://graph.microsoft.com/beta/x", init);
    assert.match(httpLog.toText(), /# A redirect, which is not followed/);
  });

  test("no more is kept than 200 entries of 20,000 characters", async (t) => {
    const origin = await serve(t, (_request, response) => response.end("x".repeat(20_007)));
    const httpLog = new HttpLog();
    for (let number = 0; number < 203; number++) await (await httpLog.fetch(`${origin}/${number}`)).text();
    assert.equal(httpLog.entries.length, 200);
    assert.equal(httpLog.entries[0].url, `${origin}/3`);
    assert.equal(httpLog.entries[0].body, `${"x".repeat(20_000)}\n[7 more characters]`);
  });
});

/** A server that ends with the test; resolves to its origin. @param {import("node:test").TestContext} t @param {import("node:http").RequestListener} respond */
async function serve(t, respond) {
  const server = createServer(respond).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}
