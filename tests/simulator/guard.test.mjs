// To whom the simulator responds: other pages in the user's browser must neither read recorded tokens nor change the tenant.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { send, startSimulator } from "./simulator.mjs";

const TIMEOUT = { timeout: 20_000 };

/**
 * Sends a request with exactly these lines, which fetch would refuse.
 *
 * @param {string} origin
 * @param {string} line such as `GET /simulator/requests HTTP/1.1`
 * @param {...string} fields such as `Host: localhost`
 */
async function raw(origin, line, ...fields) {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const received = [];
  socket.on("data", (data) => received.push(data));
  socket.write(`${[line, ...fields, "Connection: close"].join("\r\n")}\r\n\r\n`);
  await once(socket, "close");
  const [head, body] = Buffer.concat(received).toString().split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, body };
}

const recorded = async (origin) => (await fetch(`${origin}/simulator/requests`)).json();

test("a request by a foreign host name that was rebound to this machine reads no token, and is not recorded", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const { port } = new URL(origin);
  await send(`${origin}/beta/teamwork/devices`, { token: "secret-42" });
  const foreign = [
    `rebound.example:${port}`,
    "localhost.rebound.example",
    "127.0.0.1.rebound.example",
    "128.0.0.1",
    "[::2]",
    "rebound.localhost",
    "localhost@rebound.example",
    "127.0.0.1, rebound.example",
    "192.168.1.7",
    "0.0.0.0",
  ];
  for (const path of ["/simulator/requests", "/beta/teamwork/devices", "/"]) {
    for (const host of foreign) {
      const { status, head, body } = await raw(origin, `GET ${path} HTTP/1.1`, `Host: ${host}`);
      assert.ok([400, 421].includes(status), `${host}: ${status}`);
      assert.doesNotMatch(head + body, /secret-42|access-control-allow-origin/i);
    }
  }
  const { status, head, body } = await raw(origin, "GET /simulator/requests HTTP/1.1", `Host: rebound.example:${port}`);
  assert.equal(status, 421);
  assert.match(head, /content-type: text\/plain/i);
  assert.match(body, /^The simulated Graph accepts only loopback names, .* 'rebound\.example:\d+'\.$/);
  assert.equal((await recorded(origin)).length, 1);
});

test("every loopback name gets a response, with and without a port", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const { port } = new URL(origin);
  for (const host of ["localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "[::1]"]) {
    for (const authority of [host, `${host}:${port}`, `${host}:80`]) {
      assert.equal((await raw(origin, "GET /simulator/requests HTTP/1.1", `Host: ${authority}`)).status, 200, authority);
    }
  }
});

test("a target in absolute form is judged like the Host field", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const status = async (target, host) => (await raw(origin, `GET ${target} HTTP/1.1`, `Host: ${host}`)).status;
  assert.equal(await status("http://localhost/simulator/requests", "localhost"), 200);
  assert.equal(await status("http://rebound.example/simulator/requests", "localhost"), 421);
  assert.equal(await status("http://localhost/simulator/requests", "rebound.example"), 421);
});

test("a request with no Host field, an empty one or two of them is refused", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  for (const fields of [[], ["Host:"], ["Host: localhost", "Host: localhost"], ["Host: localhost", "Host: rebound.example"]]) {
    const { status, body } = await raw(origin, "GET /simulator/requests HTTP/1.1", ...fields);
    assert.equal(status, 400, fields.join());
    assert.match(body, /^A request needs one Host field/);
  }
  assert.equal((await raw(origin, "GET /simulator/requests HTTP/1.0")).status, 400);
});

/** The response of a control route to a page of another origin. */
const fetchFrom = (origin, foreign, method = "GET", path = "/simulator/requests") =>
  fetch(`${origin}${path}`, { method, headers: { origin: foreign } });

test("a page of another origin can neither read the record, nor clear it, nor choose another tenant", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  await send(`${origin}/beta/teamwork/devices`, { token: "secret-42" });
  const { port } = new URL(origin);
  const foreign = [
    "https://foreign.example",
    "null",
    `http://127.0.0.1:${Number(port) - 1}`,
    "http://localhost",
    `http://foreign.example:${port}`,
    `file://localhost:${port}`,
    `http://localhost:${port}.foreign.example`,
  ];
  for (const page of foreign) {
    for (const [method, path] of [
      ["GET", "requests"],
      ["POST", "reset"],
      ["POST", "tenant?tenant=empty"],
      ["GET", "tenant"],
      ["GET", "nothing"],
    ]) {
      const response = await fetchFrom(origin, page, method, `/simulator/${path}`);
      assert.equal(response.status, 403, `${page} ${path}`);
      assert.equal(response.headers.get("access-control-allow-origin"), null);
      assert.match(await response.text(), /^The routes under \/simulator accept only the page that this server serves, .* '.+'\.$/);
    }
  }
  assert.equal((await recorded(origin)).length, 1);
  assert.equal((await (await fetch(`${origin}/simulator/tenant`)).json()).tenant, "catalogue");
});

test("a preflight from another origin allows nothing on the control routes", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  for (const path of ["requests", "reset", "tenant", "nothing"]) {
    const headers = { origin: "https://foreign.example", "access-control-request-method": "POST" };
    const response = await fetch(`${origin}/simulator/${path}`, { method: "OPTIONS", headers });
    assert.equal(response.status, 403, path);
    assert.deepEqual(
      [...response.headers.keys()].filter((name) => name.startsWith("access-control-")),
      [],
    );
  }
});

test("the simulator's own page, and programs without an origin, may use the control routes", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const { port } = new URL(origin);
  for (const page of [origin, `http://localhost:${port}`, `http://[::1]:${port}`]) {
    assert.equal((await fetchFrom(origin, page)).status, 200, page);
    assert.equal((await fetchFrom(origin, page, "POST", "/simulator/reset")).status, 204, page);
  }
  const response = await fetch(`${origin}/simulator/requests`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cross-origin-resource-policy"), "same-origin");
  assert.equal((await fetch(`${origin}/simulator/nothing`)).status, 404);
});

test("pages of every origin may call Graph itself", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const response = await send(`${origin}/beta/teamwork/devices`, { headers: { origin: "https://portal.example" } });
  assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [200, "*"]);
});
