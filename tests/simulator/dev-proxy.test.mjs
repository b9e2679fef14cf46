// The files for Microsoft's Dev Proxy: they are what the simulated Graph does, fit the schemas of Dev Proxy, and lead the calls to the same ends.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { FOLDER, devProxyFiles } from "../../scripts/dev-proxy.mjs";
import { CONFIGURATION, MOCKS, PLUGIN } from "./dev-proxy-schemas.mjs";

const text = (/** @type {string} */ name) => readFileSync(join(FOLDER, name), "utf8");
/** @type {import("../../scripts/dev-proxy.mjs").Mock[]} */
const mocks = JSON.parse(text("mocks.json")).mocks;

test("the files are what the simulated Graph does today (npm run dev-proxy)", async () => {
  for (const [name, expected] of Object.entries(await devProxyFiles())) assert.equal(text(name), expected, name);
});

test("the files fit the schemas of Dev Proxy", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const configuration = JSON.parse(text("devproxyrc.json"));
  for (const [schema, document] of [
    [CONFIGURATION, configuration],
    [PLUGIN, configuration.teamsDeviceMocks],
    [MOCKS, JSON.parse(text("mocks.json"))],
  ])
    assert.ok(ajv.validate(schema, document), ajv.errorsText());
});

test("no response has the time, the ids or the token of one exchange", () => {
  for (const { response } of mocks) {
    assert.doesNotMatch(JSON.stringify(response.headers), /"(date|request-id|client-request-id)"/);
    assert.doesNotMatch(JSON.stringify(response), /innerError/);
  }
});

/** The ends of the calls under Dev Proxy: a state or the code of an error. */
const ENDS = {
  successful: "successful",
  failed: "operationFailed",
  cancelled: "operationCancelled",
  throttled: "successful",
  unavailable: "successful",
  "poll-server-error": "successful",
  late: "successful",
  truncated: "successful",
  "poll-redirect": "successful",
  "quoted-location": "successful",
  "versioned-location": "successful",
  bare: "successful",
  "unknown-status": "successful",
  conflict: "conflict",
  withdrawn: "notFound",
};

test("under Dev Proxy the calls end as with the simulated Graph", { timeout: 60_000 }, async () => {
  const { fetch } = devProxy();
  const ends = Object.keys(ENDS).map(async (device) => {
    try {
      const location = await runDiagnostics("any-token", device, { fetch });
      return [device, (await waitForOperation(location, { fetch, pollInterval: 1 })).state];
    } catch (error) {
      return [device, /** @type {any} */ (error).code];
    }
  });
  assert.deepEqual(Object.fromEntries(await Promise.all(ends)), ENDS);
});

/**
 * Responds as Dev Proxy does: with the first mock of the method and the URL whose `nth` is missing, or is the number of this use of its URL.
 * Source: MockResponsePlugin.cs of https://github.com/dotnet/dev-proxy.
 */
function devProxy() {
  /** @type {Map<string, number>} */
  const used = new Map();
  /** @type {any} */
  const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ { method = "GET" }) => {
    const isMatch = ({ request }) => request.method === method && request.url === url;
    const found = mocks.find((mock) => isMatch(mock) && (mock.request.nth ?? (used.get(url) ?? 0) + 1) === (used.get(url) ?? 0) + 1);
    if (!found) return Response.json({ error: { code: "Bad Gateway" } }, { status: 502 });
    used.set(url, (used.get(url) ?? 0) + 1);
    const { statusCode, headers, body } = found.response;
    const content = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    return new Response(content, {
      status: statusCode,
      headers: headers.map(({ name, value }) => /** @type {[string, string]} */ ([name, value])),
    });
  };
  return { fetch };
}
