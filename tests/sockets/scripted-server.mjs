// A Graph with responses of the test, over real sockets and with the header fields that browsers need (CORS): for responses that are valid
// HTTP but unusual.

import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

const OPERATIONS = "/teamwork/devices/d/operations";
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, client-request-id",
  "access-control-expose-headers": "location, retry-after, date, request-id",
};
const CHUNK = Buffer.alloc(64 * 1024, " ");

/**
 * Makes the response to one request.
 *
 * @typedef {(response: import("node:http").ServerResponse, seen: Seen) => unknown} Respond
 *
 * @typedef {Record<string, string | string[]>} Headers a field with several values is sent several times
 *
 * The responses to each kind of request in turn, and then the last one again.
 *
 * @typedef {{ start?: Respond[], poll?: Respond[], list?: Respond[] }} Script
 *
 * @typedef {object} Seen
 * @property {"start" | "poll" | "list"} kind
 * @property {number} at milliseconds, as `performance.now()` counts them
 * @property {number} [bytes] the bytes of an endless body that were written before the client closed the connection
 */

/** Starts a server that responds as the script says. @param {import("node:test").TestContext} t @param {Script} script */
export async function startScripted(t, { start = [accepted], poll = [successful], list = [noRuns] }) {
  const script = { start: [...start], poll: [...poll], list: [...list] };
  /** @type {Seen[]} */
  const seen = [];
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const kind = request.method === "POST" ? "start" : request.url?.endsWith("/operations") ? "list" : "poll";
    /** @type {Seen} */
    const entry = { kind, at: performance.now() };
    seen.push(entry);
    const [respond] = script[kind].length > 1 ? script[kind].splice(0, 1) : script[kind];
    return respond(response, entry);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  const baseUrl = `${origin}/beta`;
  return {
    origin,
    baseUrl,
    seen,
    token: `secret-${crypto.randomUUID()}`,
    location: `${baseUrl}${OPERATIONS}/o`,
    /** @param {Seen["kind"]} kind */
    count: (kind) => seen.filter((entry) => entry.kind === kind).length,
  };
}

/** @type {(body: unknown, status?: number, headers?: Headers) => Respond} */
const json =
  (body, status = 200, headers = {}) =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/json", date: new Date().toUTCString(), ...headers })
      .end(JSON.stringify(body));
/** @param {string} status */
const operation = (status) => ({ id: "o", operationType: "deviceDiagnostics", status, createdDateTime: new Date().toISOString() });

/** @type {(headers: Headers) => Respond} */
export const accept = (headers) => (response) => response.writeHead(202, headers).end();
export const accepted = accept({ location: `${OPERATIONS}/o` });
/** @type {Respond} */
export const queued = (...request) => json({ value: operation("Queued") })(...request);
/** @type {Respond} */
export const successful = (...request) => json({ value: operation("Successful") })(...request);
export const noRuns = json({ value: [] });
/** @type {Respond} */
export const ownRun = (...request) => json({ value: [operation("Queued")] })(...request);
/** @type {(status: number, headers?: Headers) => Respond} */
export const refuse = (status, headers) => json({ error: { code: "x", message: "x" } }, status, headers);
/** @type {(status: number, location: string) => Respond} */
export const redirect = (status, location) => (response) => response.writeHead(status, { location }).end();
export const acceptedTwice = accept({ location: [`${OPERATIONS}/o`, `${OPERATIONS}/o`] });

/** The page with which a captive portal, such as a hotel's, responds to every request. @type {Respond} */
export const portal = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in to the network</html>");

/** Half of a list, with a correct Content-Length. @type {Respond} */
export const halfList = (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"value":[{"id":"o","oper');

/** A body that goes on until the client closes the connection. @type {(status: number, headers?: Headers) => Respond} */
export const endless =
  (status, headers = {}) =>
  async (response, entry) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    entry.bytes = 0;
    while (!response.destroyed) {
      entry.bytes += CHUNK.length;
      if (!response.write(CHUNK)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
  };

/** A document of 64 MB that is small when compressed. @type {Respond} */
export const bomb = (response) => {
  const document = Buffer.concat([Buffer.from('{"status":"Successful","id":"'), Buffer.alloc(64 * 1024 * 1024, "a"), Buffer.from('"}')]);
  response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(gzipSync(document));
};
