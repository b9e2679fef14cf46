// A proxy between a client and an HTTP server that breaks chosen exchanges on the socket, which no HTTP server can do. `faults.mjs` has the
// faults.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Which requests are broken, and how.
 *
 * @typedef {object} Rule
 * @property {string} method
 * @property {RegExp} path
 * @property {number} [first] the number of the first such request that is broken; default 1
 * @property {number} [count] how many are broken from there on; default 1
 * @property {import("./faults.mjs").Fault} fault
 */

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {string} text the received bytes
 *
 * A request and its result.
 *
 * @typedef {Request & Result} Exchange
 *
 * @typedef {object} Result
 * @property {number} connection the number of the connection that it came on
 * @property {import("./faults.mjs").Fault} [fault] how it is broken
 * @property {number} began milliseconds, as `performance.now()` counts them
 * @property {number} [ended] when the response was complete, or the connection closed
 */

/** The ports so far. Each graph begins with the same ids, so one port twice would give two runs the same location. */
const used = new Set();

/** @param {import("node:net").Server} server */
async function listenOnUnusedPort(server) {
  for (;;) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    if (!used.has(port)) return used.add(port);
    server.close();
    await once(server, "close");
  }
}

/**
 * Starts a proxy on a free port. It ends with the test, together with all connections.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} server the address that it forwards to
 * @param {Rule[]} rules
 */
export async function startFaultProxy(t, server, rules) {
  /** @type {Exchange[]} */
  const exchanges = [];
  /** @type {Set<import("node:net").Socket>} */
  const clients = new Set();
  let connections = 0;

  const proxy = createServer((client) => {
    const connection = ++connections;
    clients.add(client);
    const closed = new Promise((resolve) => client.once("close", resolve)).then(() => void clients.delete(client));
    // Resets by either side are expected; the close that follows is handled.
    client.on("error", () => {});
    serve(client, async (request) => {
      const fault = faultFor(request);
      /** @type {Exchange} */
      const exchange = { ...request, connection, fault, began: performance.now() };
      exchanges.push(exchange);
      const played = (fault?.play ?? passOn)({ client, closed, forward: () => forward(server, request.text) });
      await Promise.race([played, closed]);
      exchange.ended = performance.now();
    });
  });
  await listenOnUnusedPort(proxy);
  t.after(() => {
    proxy.close();
    for (const client of clients) client.destroy();
  });

  /** @param {Request} request */
  function faultFor(request) {
    /** @param {Rule} rule */
    const isDue = ({ method, path, first = 1, count = 1 }) => {
      /** @param {Request} other */
      const isMeant = (other) => other.method === method && path.test(other.path);
      const number = exchanges.filter(isMeant).length + 1;
      return isMeant(request) && number >= first && number < first + count;
    };
    return rules.find(isDue)?.fault;
  }

  return { origin: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (proxy.address()).port}`, exchanges };
}

/**
 * Passes on the requests of a connection, one after the other.
 *
 * @param {import("node:net").Socket} client
 * @param {(request: Request) => Promise<void>} exchange
 */
function serve(client, exchange) {
  let received = "";
  let isBusy = false;
  const next = async () => {
    const request = isBusy ? undefined : firstRequest(received);
    if (request === undefined) return;
    received = received.slice(request.text.length);
    isBusy = true;
    await exchange(request);
    isBusy = false;
    next();
  };
  // Reading continues during an exchange, because otherwise a close by the client would go unnoticed.
  client.on("data", (chunk) => {
    received += chunk.toString("latin1");
    next();
  });
}

/** The first request, if it is complete. @param {string} received @returns {Request | undefined} */
function firstRequest(received) {
  const end = received.indexOf("\r\n\r\n") + 4;
  if (end < 4) return undefined;
  const text = received.slice(0, end + contentLength(received.slice(0, end)));
  if (text.length > received.length) return undefined;
  const [method, path] = text.split(" ", 2);
  return { method, path, text };
}

/** @type {import("./faults.mjs").Play} */
async function passOn({ client, forward }) {
  const { head, body } = await forward();
  client.write(head + body, "latin1");
}

/** Sends a request to the server; resolves to the complete response. @param {string} server @param {string} text */
async function forward(server, text) {
  const { hostname, port } = new URL(server);
  const upstream = connect(Number(port), hostname);
  upstream.write(text, "latin1");
  let received = "";
  for await (const chunk of upstream) {
    received += chunk.toString("latin1");
    const end = received.indexOf("\r\n\r\n") + 4;
    const [head, body] = [received.slice(0, end), received.slice(end)];
    if (end >= 4 && body.length === contentLength(head)) return { head, body };
  }
  throw new Error(`The server's response is not whole: ${received}`);
}

/** @param {string} head */
const contentLength = (head) => Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
