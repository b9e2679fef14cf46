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
 * A response of a script.
 *
 * @typedef {(response: import("node:http").ServerResponse, seen: Seen) => unknown} Answer
 *
 * @typedef {object} Seen
 * @property {string} kind `start`, `poll` or `list`
 * @property {number} at milliseconds, as `performance.now()` counts them
 * @property {number} [bytes] the bytes of an endless body that were written before the client closed the connection
 */

/**
 * Starts a server. Each kind of request gets its responses in turn, and then the last one again.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ start?: Answer[], poll?: Answer[], list?: Answer[] }} script
 */
export async function startAnswering(t, { start = [accepted], poll = [successful], list = [noRuns] }) {
  const script = { start: [...start], poll: [...poll], list: [...list] };
  /** @type {Seen[]} */
  const seen = [];
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const kind = request.method === "POST" ? "start" : request.url.endsWith("/operations") ? "list" : "poll";
    const entry = { kind, at: performance.now() };
    seen.push(entry);
    const answers = script[kind];
    return (answers.length > 1 ? answers.shift() : answers[0])(response, entry);
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
    count: (kind) => seen.filter((entry) => entry.kind === kind).length,
  };
}

const json =
  (body, status = 200, headers = {}) =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/json", date: new Date().toUTCString(), ...headers })
      .end(JSON.stringify(body));
const operation = (status) => ({ id: "o", operationType: "deviceDiagnostics", status, createdDateTime: new Date().toISOString() });

export const accept = (headers) => (response) => response.writeHead(202, headers).end();
export const accepted = accept({ location: `${OPERATIONS}/o` });
export const queued = (response) => json({ value: operation("Queued") })(response);
export const successful = (response) => json({ value: operation("Successful") })(response);
export const noRuns = json({ value: [] });
export const ownRun = (response) => json({ value: [operation("Queued")] })(response);
export const refuse = (status, headers) => json({ error: { code: "x", message: "x" } }, status, headers);
export const redirect = (status, location) => (response) => response.writeHead(status, { location }).end();
export const acceptedTwice = accept({ location: [`${OPERATIONS}/o`, `${OPERATIONS}/o`] });

/** The page with which a captive portal, such as a hotel's, responds to every request. */
export const portal = (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in to the network</html>");

/** Half of a list, with a correct Content-Length. */
export const halfList = (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"value":[{"id":"o","oper');

/** A body that goes on until the client closes the connection. */
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

/** A document of 64 MB that is small when compressed. */
export const bomb = (response) => {
  const document = Buffer.concat([Buffer.from('{"status":"Successful","id":"'), Buffer.alloc(64 * 1024 * 1024, "a"), Buffer.from('"}')]);
  response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(gzipSync(document));
};
