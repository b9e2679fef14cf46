// The control routes outside of Graph's namespace: they list the requests, reset, and choose the tenant.
import { refusalOfOrigin } from "./guard.js";
import { sendJson, sendText } from "./send.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { SimulatedGraph, SimulatedTenantName } from "teams-device-diagnostics/simulator" */
/** @typedef {(response: ServerResponse, query: URLSearchParams) => void} Route */

/** @param {SimulatedGraph} graph @param {string} origin */
export function controlRoutes(graph, origin) {
  /** @type {Record<string, Record<string, Route>>} */
  const routes = {
    // They include `Authorization`, so that tests can see where tokens went.
    "/simulator/requests": {
      GET: (response) =>
        sendJson(
          response,
          graph.requests().map(({ url, ...rest }) => ({ ...rest, target: url.slice(origin.length) })),
        ),
    },
    "/simulator/reset": {
      POST(response) {
        graph.reset();
        sendText(response, 204);
      },
    },
    "/simulator/tenant": {
      GET: (response) => sendJson(response, { tenant: graph.tenant, tenants: graph.tenants() }),
      POST(response, query) {
        const wanted = query.get("tenant");
        const found = graph.tenants().find(({ name }) => name === wanted);
        if (found) graph.enterTenant(found.name);
        sendText(response, found ? 204 : 400);
      },
    },
  };

  return (
    /** @type {IncomingMessage} */ request,
    /** @type {ServerResponse} */ response,
    /** @type {URL} */ { pathname, searchParams },
  ) => {
    const refusal = refusalOfOrigin(request);
    if (refusal) return sendText(response, 403, refusal);
    // A foreign page must not even embed the recorded requests: a script or a frame sends no Origin.
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (!route) return sendText(response, 404);
    const act = route[request.method === "HEAD" ? "GET" : (request.method ?? "")];
    if (act) return act(response, searchParams);
    response.setHeader("Allow", Object.keys(route).join(", "));
    sendText(response, 405);
  };
}
