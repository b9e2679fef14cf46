// What can go wrong on a socket: each fault handles one request on the client's connection in a way that no HTTP server would.

import { setTimeout as pause } from "node:timers/promises";

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {boolean} isSilent whether only a timeout of the client ends it
 * @property {Play} play
 *
 * Resolves when the exchange is over: the response is complete, or the connection is closed.
 *
 * @typedef {(exchange: Exchange) => Promise<void>} Play
 *
 * @typedef {object} Exchange
 * @property {import("node:net").Socket} client
 * @property {Promise<void>} closed resolves when the connection of the client is closed
 * @property {() => Promise<Response>} forward gets the server's response; the head includes the empty line
 *
 * @typedef {{ head: string, body: string }} Response
 */

/** Faults in which the request does not reach the server. @type {Fault[]} */
export const UNSENT = [
  { name: "a reset before the request gets through", isSilent: false, play: reset },
  { name: "a close before the request gets through", isSilent: false, play: close },
  { name: "a request that gets stuck", isSilent: true, play: silence },
];

/** Faults in which the request reaches the server, but its response does not, or not completely, reach the client. @type {Fault[]} */
export const BROKEN = [
  instead("a reset instead of the response", () => "", reset),
  instead("a close instead of the response", () => "", close),
  instead("silence instead of the response", () => "", silence),
  instead("garbage instead of HTTP", () => "\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n", close),
  instead("half a head, then a reset", ({ head }) => half(head), reset),
  instead("half a head, then a close", ({ head }) => half(head), close),
  instead("half a head, then silence", ({ head }) => half(head), silence),
  instead("half a body, then a reset", ({ head, body }) => head + half(body), reset),
  instead("half a body, then a close (Content-Length is too large)", ({ head, body }) => head + half(body), close),
  instead("half a body, then silence", ({ head, body }) => head + half(body), silence),
  instead("half of the chunks, then a close", ({ head, body }) => chunked(head) + chunk(half(body)), close),
  instead("half of a chunk, then a reset", ({ head, body }) => chunked(head) + half(chunk(body)), reset),
  instead("a chunk whose size is not a number", ({ head, body }) => `${chunked(head)}${chunk(half(body))}size?\r\n${body}`, close),
];

/** Faults in which the response arrives completely. @type {Fault[]} */
export const HARMLESS = [
  { name: "a response that drips", isSilent: false, play: drip },
  { name: "surplus bytes after the response", isSilent: false, play: surplus },
  instead("a reset of the reused connection after the response", ({ head, body }) => head + body, reset),
];

/** The response ends after half of the document, and its Content-Length says so. @type {Fault} */
export const CUT_SHORT = { name: "a Content-Length that is too small", isSilent: false, play: cutShort };

/**
 * Forwards the request, sends something else instead of the response, and ends the exchange in some way after that has arrived.
 *
 * @param {string} name
 * @param {(response: Response) => string} broken
 * @param {Play} end
 * @returns {Fault}
 */
function instead(name, broken, end) {
  /** @type {Play} */
  const play = async (exchange) => {
    exchange.client.write(broken(withBody(await exchange.forward())), "latin1");
    await pause(20);
    await end(exchange);
  };
  return { name, isSilent: end === silence, play };
}

/** @param {Exchange} exchange */
function reset({ client, closed }) {
  client.resetAndDestroy();
  return closed;
}

/** @param {Exchange} exchange */
function close({ client, closed }) {
  client.end();
  return closed;
}

/** @param {Exchange} exchange */
function silence({ closed }) {
  return closed;
}

/** @type {Play} */
async function drip({ client, forward }) {
  const { head, body } = withBody(await forward());
  for (const [drop] of (head + body).matchAll(/[^]{1,40}/g)) {
    client.write(drop, "latin1");
    await pause(10);
  }
}

/** Sends an additional response. A client that takes it for the response to its next request could be deceived. @type {Play} */
async function surplus({ client, forward }) {
  const { head, body } = await forward();
  const forged = '{"status":"Failed"}';
  client.write(`${head}${body}${withLength(head, forged.length)}${forged}`, "latin1");
}

/** @type {Play} */
async function cutShort({ client, forward }) {
  const { head, body } = withBody(await forward());
  client.write(withLength(head, half(body).length) + body, "latin1");
}

/** Adds a body to the 202, which has none that could be broken. @param {Response} response */
function withBody({ head, body }) {
  const text = body || "Accepted, and soon to be polled.";
  return { head: withLength(head, text.length), body: text };
}

/** @param {string} head @param {number} length */
const withLength = (head, length) => head.replace(/content-length: \d+/i, `content-length: ${length}`);
/** @param {string} head */
const chunked = (head) => head.replace(/content-length: \d+/i, "transfer-encoding: chunked");
/** @param {string} text */
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`;
/** @param {string} text */
const half = (text) => text.slice(0, text.length / 2);
