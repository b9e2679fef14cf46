// Microsoft's own client libraries work with the simulator as with the real Graph.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpPoller } from "@azure/core-lro";
import { createDefaultHttpClient, createPipelineFromOptions, createPipelineRequest } from "@azure/core-rest-pipeline";
import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  MiddlewareFactory,
  PageIterator,
  ResponseType,
} from "@microsoft/microsoft-graph-client";
import {
  AllowedHostsValidator,
  BaseBearerTokenAuthenticationProvider,
  HttpMethod,
  RequestInformation,
} from "@microsoft/kiota-abstractions";
import { BaseGraphRequestAdapter, PageIterator as KiotaPageIterator, createGraphClientFactory } from "@microsoft/msgraph-sdk-core";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { startSimulator, waitFor } from "./simulator.mjs";
import { present } from "../shared/present.mjs";

const TIMEOUT = { timeout: 20_000 };

const GRAPH = "https://graph.microsoft.com";

/** An unchanged microsoft-graph-client, except for its last step, which sends requests for Graph to the simulator. */
const graphClient = (origin, token = "any") =>
  graphClientWith((url, init) => {
    const { pathname, search } = new URL(url);
    assert.ok(url.startsWith(`${GRAPH}/`), url);
    return fetch(`${origin}${pathname}${search}`, init);
  }, token);

/** An unchanged microsoft-graph-client with another fetch. */
function graphClientWith(fetch, token = "any") {
  const middleware = MiddlewareFactory.getDefaultMiddlewareChain({ getAccessToken: async () => token });
  const toSimulator = {
    async execute(context) {
      context.response = await fetch(context.request, context.options);
    },
  };
  return Client.initWithMiddleware({ defaultVersion: "beta", middleware: [...middleware.slice(0, -1), toSimulator] });
}

test("microsoft-graph-client starts diagnostics and follows the operation", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const client = graphClient(origin);
  const response = await client.api("/teamwork/devices/successful/runDiagnostics").responseType(ResponseType.RAW).post(undefined);
  assert.equal(response.status, 202);
  const { value } = await client.api(present(response.headers.get("location"), "location")).get();
  assert.equal(value.operationType, "deviceDiagnostics");
  await waitFor(`${origin}/beta${response.headers.get("location")}`, "Successful");
});

test("microsoft-graph-client reads errors", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const failure = (device, token) =>
    graphClient(origin, token)
      .api(`/teamwork/devices/${device}/runDiagnostics`)
      .post(undefined)
      .then(
        () => assert.fail("it was accepted"),
        (error) => {
          assert.ok(error instanceof GraphError);
          return error;
        },
      );
  const conflict = await failure("conflict");
  assert.deepEqual([conflict.statusCode, conflict.code], [409, "Conflict"]);
  assert.match(present(conflict.requestId, "request-id"), /^[0-9a-f-]{36}$/);
  const forbidden = await failure("successful", "no-roles");
  assert.deepEqual([forbidden.statusCode, forbidden.code], [403, "Forbidden"]);
  assert.match(forbidden.message, /Missing role permissions/);
});

test("microsoft-graph-client retries after Retry-After", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const response = await graphClient(origin)
    .api("/teamwork/devices/throttled/runDiagnostics")
    .responseType(ResponseType.RAW)
    .post(undefined);
  assert.equal(response.status, 202);
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  assert.equal(requests.length, 2);
  assert.equal(requests[1].headers["retry-attempt"], "1");
});

test("microsoft-graph-client's PageIterator goes through all devices", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const client = graphClient(origin);
  const first = await client.api("/teamwork/devices").top(15).get();
  assert.equal(first.value.length, 15);
  const ids = [];
  await new PageIterator(client, first, ({ id }) => ids.push(id) > 0).iterate();
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length > 30 && ids.includes("running-retry-after"));
});

for (const nextLink of /** @type {const} */ (["absolute", "relative"])) {
  test(`its PageIterator goes through 500 devices in memory, by ${nextLink} links`, TIMEOUT, async () => {
    const graph = await simulateGraph({ tenant: "many", nextLink });
    const client = graphClientWith(graph.fetch);
    const ids = new Set();
    await new PageIterator(client, await client.api("/teamwork/devices").get(), ({ id }) => Boolean(ids.add(id))).iterate();
    assert.deepEqual([ids.size, graph.requests().length], [500, 25]);
  });
}

/** The adapter of Kiota's Graph SDK, unchanged but for its last step. */
function kiotaAdapter(fetch) {
  const authentication = new BaseBearerTokenAuthenticationProvider({
    getAuthorizationToken: async () => "any",
    getAllowedHostsValidator: () => new AllowedHostsValidator(),
  });
  const client = createGraphClientFactory({ graphServiceTargetVersion: "beta" }, fetch);
  return new BaseGraphRequestAdapter("beta", "1.0.0", authentication, undefined, undefined, client);
}

/** What Kiota generates for a page of devices, for the members that a list needs. */
const devicePage = (page = {}) => ({
  "@odata.nextLink": (node) => (page.odataNextLink = node.getStringValue()),
  value: (node) => (page.value = node.getCollectionOfObjectValues(() => device)),
});
const device = (target = {}) => ({ id: (node) => (target.id = node.getStringValue()) });

/** The ids that Kiota's PageIterator finds. */
async function idsByKiota(adapter) {
  const request = new RequestInformation(HttpMethod.GET, `${GRAPH}/beta/teamwork/devices{?%24top}`, { "%24top": 15 });
  const first = await adapter.send(request, () => devicePage, {});
  /** @type {string[]} */
  const ids = [];
  await new KiotaPageIterator(
    adapter,
    first,
    (item) => ids.push(/** @type {any} */ (item).id) > 0,
    () => devicePage,
    {},
  ).iterate();
  return ids;
}

test("Kiota's PageIterator goes through 500 devices in memory, by absolute links", TIMEOUT, async () => {
  const graph = await simulateGraph({ tenant: "many", nextLink: "absolute" });
  const ids = await idsByKiota(kiotaAdapter(graph.fetch));
  assert.deepEqual([ids.length, new Set(ids).size, graph.requests().length], [500, 500, 34]);
});

test(
  "Kiota's PageIterator goes through all devices over HTTP, but cannot follow the relative links that Graph documents",
  TIMEOUT,
  async (t) => {
    // The links of the server lead to itself.
    const overHttp = (origin) => (url, init) => fetch(url.replace(GRAPH, origin), init);
    const { origin } = await startSimulator(t, "--next-link", "absolute");
    const absolute = await idsByKiota(kiotaAdapter(overHttp(origin)));
    assert.ok(absolute.length > 30 && absolute.includes("running-retry-after"));
    const relative = await simulateGraph({ tenant: "many" });
    await assert.rejects(idsByKiota(kiotaAdapter(relative.fetch)), TypeError);
  },
);

test("microsoft-graph-client works in memory: it retries, starts, polls and reads an error", TIMEOUT, async () => {
  const graph = await simulateGraph();
  const client = graphClientWith(graph.fetch);
  const start = (device) => client.api(`/teamwork/devices/${device}/runDiagnostics`).responseType(ResponseType.RAW).post(undefined);
  const response = await start("throttled");
  assert.equal(response.status, 202);
  assert.equal(graph.requests()[1].headers["retry-attempt"], "1");
  const { value } = await client.api(present(response.headers.get("location"), "location")).get();
  assert.equal(value.operationType, "deviceDiagnostics");
  await assert.rejects(client.api("/teamwork/devices/conflict/runDiagnostics").post(undefined), { statusCode: 409, code: "Conflict" });
});

test("microsoft-graph-client sends a batch, and finds each response by its id", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  // The library removes only the scheme and host of the URL.
  const start = (id, device, dependsOn) => {
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
    return { id, request: new Request(`${GRAPH}/teamwork/devices/${device}/runDiagnostics`, init), dependsOn };
  };
  const list = { id: "list", request: new Request(`${GRAPH}/teamwork/devices?$select=id&$top=1`) };
  const content = new BatchRequestContent([list, start("good", "successful", ["list"]), start("bad", "conflict", ["good"])]);
  const response = new BatchResponseContent(
    await graphClient(origin)
      .api("/$batch")
      .post(await content.getContent()),
  );
  assert.deepEqual((await response.getResponseById("list").json()).value, [{ id: "successful" }]);
  assert.deepEqual([response.getResponseById("good").status, response.getResponseById("bad").status], [202, 409]);
  await waitFor(`${origin}/beta${response.getResponseById("good").headers.get("location")}`, "Successful");
});

/**
 * A core-rest-pipeline with the policies of generated clients. The token is added here, because the policy for tokens refuses plain http,
 * even on the loopback address.
 */
function azurePipeline() {
  const pipeline = createPipelineFromOptions({ retryOptions: { retryDelayInMs: 1 } });
  const client = createDefaultHttpClient();
  return (method, url) => {
    const request = createPipelineRequest({ method, url, allowInsecureConnection: true });
    request.headers.set("authorization", "Bearer any");
    return pipeline.sendRequest(client, request);
  };
}

test("core-rest-pipeline starts, polls, and retries an unavailable service", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const request = azurePipeline();
  const started = await request("POST", `${origin}/beta/teamwork/devices/unavailable/runDiagnostics`);
  assert.equal(started.status, 202);
  assert.equal(started.bodyAsText, "");
  const polled = await request("GET", `${origin}/beta${started.headers.get("location")}`);
  assert.equal(polled.status, 200);
  assert.equal(JSON.parse(present(polled.bodyAsText, "the body")).value.operationType, "deviceDiagnostics");
});

test("core-lro gets a response to every request, and takes the first poll for the end", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t, "--location", "absolute");
  const request = azurePipeline();
  const send = async (method, url) => {
    const { status, headers, bodyAsText } = await request(method, url);
    const body = bodyAsText ? JSON.parse(bodyAsText) : undefined;
    const rawResponse = { statusCode: status, headers: headers.toJSON(), body, request: { method, url } };
    return { flatResponse: body, rawResponse };
  };
  const operation = {
    sendInitialRequest: () => send("POST", `${origin}/beta/teamwork/devices/successful/runDiagnostics`),
    sendPollRequest: (url) => send("GET", url),
  };
  const { value } = await createHttpPoller(operation, { intervalInMs: 1 }).pollUntilDone();
  assert.equal(value.operationType, "deviceDiagnostics");
  assert.notEqual(value.status, "Successful");
});
