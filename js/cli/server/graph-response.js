// Answers a request as the simulated Graph does, with the failures of a connection.
import { messageOf } from "../failure.js";
import { sendText } from "./send.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { SimulatedGraph } from "teams-device-diagnostics/simulator" */

/** More than this the simulated Graph refuses, so that the rest of a body need not be kept. */
const KEPT = 1024 * 1024 + 1;

/** @param {SimulatedGraph} graph @param {string} origin @param {IncomingMessage} request @param {ServerResponse} response */
export async function answerAsGraph(graph, origin, request, response) {
  try {
    const { method, rawHeaders } = request;
    const names = rawHeaders.filter((_, at) => at % 2 === 0);
    const fields = names.map((name, at) => /** @type {[string, string]} */ ([name, rawHeaders[2 * at + 1]]));
    const sent = await bodyOf(request);
    // A fetch cannot send the body that HTTP permits in a GET, and a body that is too long is cut. So its length may be another one.
    const headers = fields.filter(([name]) => name.toLowerCase() !== "content-length");
    const body = method === "GET" || method === "HEAD" ? undefined : sent;
    const answer = await graph.fetch(origin + request.url, { method, headers, body, redirect: "manual" });
    response.statusCode = answer.status;
    response.setHeaders(answer.headers);
    for await (const part of answer.body ?? []) await written(response, part);
    response.end();
  } catch (error) {
    if (!isLostConnection(error)) return sendText(response, 500, `The simulated Graph cannot answer this: ${messageOf(error)}`);
    // Closed without a byte, or within the body. A client that disconnected itself gets no response either.
    request.socket.destroy();
  }
}

/** It is read to its end, because a client that is still sending would take an early response for a lost connection. @param {IncomingMessage} request */
async function bodyOf(request) {
  const parts = [];
  let room = KEPT;
  for await (const part of request) {
    // A part of a buffer keeps all of it in memory, even if it is empty.
    if (room === 0) continue;
    const kept = part.subarray(0, room);
    parts.push(kept);
    room -= kept.length;
  }
  return Buffer.concat(parts);
}

/** Resolves when a part of the body is with the system. @param {ServerResponse} response @param {Uint8Array} part */
const written = (response, part) => new Promise((resolve) => response.write(part, resolve));

/** @param {any} error */
const isLostConnection = (error) => error?.cause?.code === "ECONNRESET" || error?.code === "ECONNRESET";
