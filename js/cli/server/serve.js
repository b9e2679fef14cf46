// Serves a simulated Graph over HTTP, on the loopback address only.
import { once } from "node:events";
import { createServer } from "node:http";
import { controlRoutes } from "./control.js";
import { refusalOfHost } from "./guard.js";
import { answerAsGraph } from "./graph-response.js";
import { pageIn } from "./page.js";
import { sendText } from "./send.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { SimulatedGraph } from "teams-device-diagnostics/simulator" */

// A request may hang for as long as its client waits, and an idle connection is the client's to close. Tokens can be long.
const OPTIONS = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, requireHostHeader: false, maxHeaderSize: 256 * 1024 };

/**
 * Resolves to the origin, once requests get responses. Rejects with the error of the socket or of the Graph.
 *
 * @param {{ port: number, www: string, createGraph: (origin: string) => Promise<SimulatedGraph> }} options a port of 0 picks a free one
 */
export async function serve({ port, www, createGraph }) {
  const server = createServer(OPTIONS).listen(port, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  const handler = createGraph(origin).then((graph) => handlerOf(graph, origin, www));
  server.on("request", (request, response) => handler.then((handle) => handle(request, response)));
  try {
    await handler;
    return origin;
  } catch (error) {
    server.close();
    throw error;
  }
}

/** @param {SimulatedGraph} graph @param {string} origin @param {string} www */
function handlerOf(graph, origin, www) {
  const control = controlRoutes(graph, origin);
  const page = pageIn(www);
  return (/** @type {IncomingMessage} */ request, /** @type {ServerResponse} */ response) => {
    const { url: target = "/" } = request;
    const address = target.startsWith("/") ? origin + target : target;
    if (!URL.canParse(address)) return sendText(response, 400, "The target of the request is no URL.");
    const url = new URL(address);
    const refusal = refusalOfHost(request, target.startsWith("/") ? undefined : url.host);
    if (refusal) return sendText(response, refusal.status, refusal.text);
    // From here on, a target in absolute form is as any other.
    request.url = url.pathname + url.search;
    if (/^\/simulator(\/|$)/.test(url.pathname)) return control(request, response, url);
    const asGraph = () => answerAsGraph(graph, origin, request, response);
    return /^\/(beta|v1\.0)\//.test(url.pathname) ? asGraph() : page(request, response, asGraph);
  };
}
