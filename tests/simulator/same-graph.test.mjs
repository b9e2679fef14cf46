// The simulated Graph answers in memory as it does over HTTP: the same requests get the same responses, as a real fetch sees them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { simulateGraph } from "../../pkg/dist/simulator.js";
import { startSimulator } from "./simulator.mjs";

const LIMIT = { timeout: 60_000 };
const GRAPH = "https://graph.microsoft.com";
/** Of the connection only, or of the moment. */
const NOT_COMPARED = ["connection", "keep-alive", "transfer-encoding", "content-length", "vary"];

/** Without times, and without states that depend on them. @param {string} text */
const timeless = (text) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.-]+Z?|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, "TIME")
    .replaceAll(/"status":"(?:queued|scheduled|inProgress)"/gi, '"status":"RUNNING"');

/**
 * What a fetch sees of a request: the response, or why there is none.
 *
 * @param {typeof globalThis.fetch} fetch
 * @param {string} origin
 * @param {[method: string, path: string, init?: RequestInit]} request
 */
async function seen(fetch, origin, [method, path, init]) {
  const headers = { authorization: "Bearer a-token", ...init?.headers };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error("no response")), 400);
  try {
    const response = await fetch(origin + path, { method, redirect: "manual", signal: abort.signal, ...init, headers });
    const fields = [...response.headers].filter(([name]) => !NOT_COMPARED.includes(name));
    const { status, ok, type, redirected } = response;
    const body = timeless((await response.text()).replaceAll(origin, GRAPH));
    return {
      path,
      status,
      ok,
      type,
      redirected,
      body,
      headers: fields.map(([name, value]) => [name, timeless(value.replaceAll(origin, GRAPH))]),
    };
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    return { path, failure: `${name}: ${message}` };
  } finally {
    clearTimeout(timer);
  }
}

test("the same requests get the same responses", LIMIT, async (t) => {
  const { origin } = await startSimulator(t);
  const graph = await simulateGraph({ paceMs: 20 });
  const devices = "/beta/teamwork/devices";
  const list = await (await graph.fetch(`${GRAPH}${devices}?$select=id&$top=50`, { headers: { authorization: "Bearer t" } })).json();
  const ids = list.value.map((/** @type {{ id: string }} */ { id }) => id);
  assert.ok(ids.length > 30);
  await fetch(`${origin}${devices}`, { headers: { authorization: "Bearer t" } });
  const batch = { requests: ["a", "b"].map((id) => ({ id, method: "GET", url: `/teamwork/devices/${id}` })) };
  const json = { "content-type": "application/json" };
  /** @type {Parameters<typeof seen>[2][]} */
  const requests = [
    ["GET", devices],
    ["GET", `${devices}?$top=2&$filter=deviceType eq 'teamsRoom'&$select=id`],
    ["GET", `${devices}?$top=2&$skipToken=2`],
    ["GET", `${devices}?$count=true`],
    ["GET", devices, { headers: { authorization: "Bearer expired" } }],
    ["GET", devices, { headers: { "client-request-id": "of-the-caller" } }],
    ["OPTIONS", devices, { headers: { "access-control-request-headers": "authorization, x-ms-a" } }],
    ["DELETE", `${devices}/successful`],
    ["GET", "/v1.0/teamwork/devices"],
    ["GET", "/beta/me"],
    ["POST", "/beta/$batch", { body: JSON.stringify(batch), headers: json }],
    ["POST", "/beta/$batch", { body: "{", headers: json }],
    ...ids.flatMap((/** @type {string} */ id) => [
      ["POST", `${devices}/${id}/runDiagnostics`],
      ["GET", `${devices}/${id}/operations?$top=1`],
    ]),
  ];
  for (const request of requests) {
    const expected = await seen(fetch, origin, request);
    assert.deepEqual(await seen(graph.fetch, GRAPH, request), expected);
  }
  // The first polls, with their faults. The ids are the same, because the seeds are.
  for (const { deviceId, id } of graph.operations()) {
    for (let poll = 0; poll < 2; poll++) {
      /** @type {Parameters<typeof seen>[2]} */
      const request = ["GET", `${devices}/${deviceId}/operations/${id}?$select=id,operationType`];
      const expected = await seen(fetch, origin, request);
      assert.deepEqual(await seen(graph.fetch, GRAPH, request), expected);
    }
  }
});
