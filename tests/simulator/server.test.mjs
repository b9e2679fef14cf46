// The simulator on a socket, where its library is not tested: lost connections, missing responses, files, and how the program ends.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launchChromium } from "../shared/chromium.mjs";
import { present } from "../shared/present.mjs";
import { send, startDiagnostics, startSimulator, waitFor } from "./simulator.mjs";

const TIMEOUT = { timeout: 20_000 };

/** A folder that is removed after the test. */
async function folder(t, files) {
  const path = await mkdtemp(join(tmpdir(), "simulator-"));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

/** A simulator with devices in a file. */
const startWith = async (t, devices) =>
  startSimulator(t, "--devices", join(await folder(t, { "devices.json": JSON.stringify(devices) }), "devices.json"));

/** A header field that a response must have. @param {Response} response @param {string} name */
const field = (response, name) => present(response.headers.get(name), name);

/** The bytes of the response to a POST, until the connection is closed. */
async function bytesOfStart(origin, device) {
  const { host, hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const received = [];
  socket.on("data", (data) => received.push(data));
  const head = [
    `POST /beta/teamwork/devices/${device}/runDiagnostics HTTP/1.1`,
    `Host: ${host}`,
    "Authorization: Bearer any",
    "Content-Length: 0",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  await once(socket, "close");
  return Buffer.concat(received).toString();
}

test("a GET with a body, which HTTP permits, is answered as one without", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const { host, hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  const head = ["GET /beta/teamwork/devices HTTP/1.1", `Host: ${host}`, "Authorization: Bearer any", "Content-Length: 2"];
  socket.write(`${head.join("\r\n")}\r\n\r\n{}`);
  const [first] = await once(socket, "data");
  assert.match(String(first), /^HTTP\/1\.1 200 /);
});

test("a run goes from Queued to Successful in the time of the wall clock", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const url = await startDiagnostics(origin, "slow");
  assert.equal((await waitFor(url, "Queued", "Scheduled", "InProgress")).completedDateTime, null);
  assert.ok(Date.parse((await waitFor(url, "Successful")).completedDateTime) <= Date.now());
});

test("a reset closes the connection without a byte, and the next request gets a response", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  assert.equal(await bytesOfStart(origin, "lost-start"), "");
  const { value } = await (await send(`${origin}/beta/teamwork/devices/lost-start/operations`)).json();
  assert.equal(value.length, 1);
});

test("a request that hangs gets no response, and does not hold up others", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const url = await startDiagnostics(origin, "poll-hang");
  await assert.rejects(send(url, { signal: AbortSignal.timeout(300) }), { name: "TimeoutError" });
  assert.equal((await send(url)).status, 200);
});

test("fifty runs at a time do not disturb each other", TIMEOUT, async (t) => {
  const path = await folder(t, {
    "devices.json": JSON.stringify(Array.from({ length: 50 }, (_, number) => ({ id: `room-${number}` }))),
  });
  const { origin } = await startSimulator(t, "--devices", join(path, "devices.json"));
  const ended = await Promise.all(
    Array.from({ length: 50 }, async (_, number) => {
      return waitFor(await startDiagnostics(origin, `room-${number}`), "Successful");
    }),
  );
  assert.equal(new Set(ended.map(({ id }) => id)).size, 50);
});

test("flags change what Graph does", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(
    t,
    "--location",
    "absolute",
    "--bare",
    "--dates",
    "hyphens",
    "--hide-location",
    "--hide-retry-after",
  );
  const response = await send(`${origin}/beta/teamwork/devices/successful/runDiagnostics`, { method: "POST" });
  const location = field(response, "location");
  assert.ok(location.startsWith(`${origin}/beta/teamwork/devices/successful/operations/`));
  assert.doesNotMatch(field(response, "access-control-expose-headers"), /location|retry-after/i);
  const operation = await (await send(location)).json();
  assert.match(operation.createdDateTime, /T\d\d-\d\d-\d\d\.\d\dZ$/);
});

test("with a flag, links to the next page are absolute", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t, "--next-link", "absolute");
  const first = await (await send(`${origin}/beta/teamwork/devices`)).json();
  assert.ok(first["@odata.nextLink"].startsWith(`${origin}/beta/teamwork/devices?`));
  assert.equal((await send(first["@odata.nextLink"])).status, 200);
});

test("with a flag, a page that uses the browser's cache sees a stale status, and one that does not sees the last", TIMEOUT, async (t) => {
  const www = await folder(t, { "index.html": "<!doctype html>" });
  const { origin } = await startSimulator(t, "--cacheable", "--www", www);
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(origin);
  const status = (url, cache) =>
    page.evaluate(
      async ([url, cache]) => {
        const { value } = await (await fetch(url, { cache, headers: { authorization: "Bearer any" } })).json();
        return value.status;
      },
      [url, cache],
    );
  const url = await startDiagnostics(origin, "slow");
  // The run may already be further than Queued.
  const first = await status(url, "default");
  assert.notEqual(first, "Successful");
  await waitFor(url, "Successful");
  assert.equal(await status(url, "default"), first);
  assert.equal(await status(url, "no-store"), "Successful");
});

test("a quota is enforced", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t, "--requests-per-second", "5");
  const responses = await Promise.all(Array.from({ length: 8 }, () => send(`${origin}/beta/teamwork/devices`)));
  const refused = responses.filter(({ status }) => status === 429);
  assert.equal(refused.length, 3);
  assert.equal(refused[0].headers.get("retry-after"), "1");
});

test("a file of devices replaces devices of the catalogue", TIMEOUT, async (t) => {
  const { origin } = await startWith(t, [{ id: "successful", scenario: { postFaults: [{ response: { status: 418, body: "empty" } }] } }]);
  await assert.rejects(startDiagnostics(origin, "successful"), { message: "successful: 418" });
});

test("a folder is served with media types, the page's policy, and the root of the simulated Graph", TIMEOUT, async (t) => {
  const www = await folder(t, { "index.html": "<!doctype html>", "a.js": "", "a.wasm": "", "a.css": "" });
  const { origin } = await startSimulator(t, "--www", www);
  const page = await fetch(`${origin}/`);
  assert.match(field(page, "content-security-policy"), /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.match(field(page, "content-security-policy"), /frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/);
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  assert.equal(page.headers.get("cross-origin-opener-policy"), "same-origin-allow-popups");
  assert.match(field(page, "permissions-policy"), /camera=\(\)/);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.equal(page.headers.get("x-simulated-graph"), "/beta");
  const script = await fetch(`${origin}/a.js`);
  assert.deepEqual(
    ["content-security-policy", "x-simulated-graph", "x-content-type-options"].map((name) => script.headers.get(name)),
    [null, null, "nosniff"],
  );
  const type = async (name) => field(await fetch(`${origin}/${name}`), "content-type");
  assert.match(await type(""), /^text\/html/);
  assert.match(await type("a.js"), /^text\/javascript/);
  assert.match(await type("a.css"), /^text\/css/);
  assert.equal(await type("a.wasm"), "application/wasm");
  const { error } = await (await fetch(`${origin}/nothing`)).json();
  assert.equal(error.code, "BadRequest", "Graph answers what is no file");
  assert.equal((await send(`${origin}/beta/teamwork/devices`)).status, 200);
});

test("the page's files are compressed for clients that accept it, and Graph's responses are not", TIMEOUT, async (t) => {
  const www = await folder(t, { "index.html": "", "a.js": "a = 1;\n".repeat(1_000) });
  const { origin } = await startSimulator(t, "--www", www);
  const encoding = async (path, accepted) =>
    (await send(`${origin}${path}`, { headers: { "accept-encoding": accepted } })).headers.get("content-encoding");
  assert.equal(await encoding("/a.js", "br, gzip"), "br");
  assert.equal(await encoding("/a.js", "gzip"), "gzip");
  assert.equal(await encoding("/a.js", "identity"), null);
  assert.equal(await encoding("/beta/teamwork/devices", "br, gzip"), null);
  assert.equal((await (await fetch(`${origin}/a.js`)).text()).length, 7_000);
});

test("the current tenant can be read and changed", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const read = async () => (await fetch(`${origin}/simulator/tenant`)).json();
  const enter = async (name) => (await fetch(`${origin}/simulator/tenant?tenant=${name}`, { method: "POST" })).status;
  const { tenant, tenants } = await read();
  assert.equal(tenant, "catalogue");
  assert.deepEqual(
    tenants.map(({ name }) => name),
    ["catalogue", "many", "empty", "forbidden", "failing", "slow", "markup"],
  );
  assert.ok(tenants.every(({ title, about }) => title && about));
  assert.equal(await enter("forbidden"), 204);
  assert.equal((await read()).tenant, "forbidden");
  assert.equal((await send(`${origin}/beta/teamwork/devices`)).status, 403);
  assert.equal(await enter("nowhere"), 400);
  assert.equal((await read()).tenant, "forbidden");
  assert.equal(await enter("slow"), 204);
  const began = performance.now();
  assert.equal((await send(`${origin}/beta/teamwork/devices`)).status, 200);
  assert.ok(performance.now() - began > 4_900);
});

test("the record of requests can be read and cleared", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  await send(`${origin}/beta/teamwork/devices?$top=1`, { token: "seen", headers: { "client-request-id": "mine" } });
  const [request] = await (await fetch(`${origin}/simulator/requests`)).json();
  assert.deepEqual([request.method, request.target], ["GET", "/beta/teamwork/devices?$top=1"]);
  assert.equal(request.headers.authorization, "Bearer seen");
  assert.equal(request.headers["client-request-id"], "mine");
  assert.equal((await fetch(`${origin}/simulator/reset`, { method: "POST" })).status, 204);
  assert.deepEqual(await (await fetch(`${origin}/simulator/requests`)).json(), []);
});

test("a body that is too large is read but refused, and only its beginning is recorded", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const restart = (body, init) => send(`${origin}/beta/teamwork/devices/successful/restart`, { method: "POST", body, ...init });
  assert.equal((await restart("a".repeat(8 << 20))).status, 413);
  const chunks = new Blob(["b".repeat(8 << 20)]).stream();
  const response = await restart(chunks, { duplex: "half" });
  assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [413, "*"]);
  assert.equal((await response.json()).error.code, "RequestEntityTooLarge");
  assert.equal((await restart("c".repeat(1 << 20))).status, 202);
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  assert.deepEqual(
    requests.map(({ body }) => body),
    ["a", "b", "c"].map((letter) => letter.repeat(16 << 10)),
  );
});

test("no body of a request is kept in memory", TIMEOUT, async (t) => {
  const { origin, program } = await startSimulator(t);
  const kilobytes = () => Number(execFileSync("ps", ["-o", "rss=", "-p", String(program.pid)], { encoding: "utf8" }));
  const part = new Uint8Array(1 << 20);
  let left = 300;
  const body = new ReadableStream({ pull: (source) => ((left -= 1) < 0 ? source.close() : source.enqueue(part)) });
  const before = kilobytes();
  const response = await send(`${origin}/beta/$batch`, /** @type {any} */ ({ method: "POST", body, duplex: "half" }));
  assert.equal(response.status, 413);
  assert.ok(kilobytes() - before < 150_000, `${before} KB before, ${kilobytes()} KB after 300 MB`);
});

test("half a body comes, and then the connection is closed, or nothing more comes", TIMEOUT, async (t) => {
  const devices = ["interrupted", "stalled"].map((body) => ({ id: body, scenario: { pollFaults: [{ response: { status: 200, body } }] } }));
  const { origin } = await startWith(t, devices);
  const interrupted = await send(await startDiagnostics(origin, "interrupted"));
  assert.equal(interrupted.status, 200);
  await assert.rejects(interrupted.text(), { name: "TypeError", message: "terminated" });
  const stalled = await send(await startDiagnostics(origin, "stalled"), { signal: AbortSignal.timeout(1_000) });
  assert.equal(stalled.status, 200);
  await assert.rejects(stalled.text(), { name: "TimeoutError" });
});

test("a response without a body ends with its header fields", TIMEOUT, async (t) => {
  const statuses = [204, 205, 304];
  const devices = statuses.map((status) => ({ id: `d${status}`, scenario: { postFaults: [{ response: { status } }] } }));
  const { origin } = await startWith(t, devices);
  for (const status of statuses) {
    const response = await send(`${origin}/beta/teamwork/devices/d${status}/runDiagnostics`, { method: "POST" });
    assert.deepEqual([response.status, await response.text()], [status, ""]);
  }
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(`the program ends cleanly on ${signal}, with requests in flight`, TIMEOUT, async (t) => {
    const { origin, program } = await startSimulator(t);
    const hanging = send(await startDiagnostics(origin, "poll-hang"));
    program.kill(signal);
    await assert.rejects(hanging);
    assert.equal(program.exitCode ?? (await once(program, "exit"))[0], 0);
  });
}

test("the program ends with its standard input", TIMEOUT, async (t) => {
  const { program } = await startSimulator(t);
  program.stdin.end();
  assert.equal((await once(program, "exit"))[0], 0);
});
