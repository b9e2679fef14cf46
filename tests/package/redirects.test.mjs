// Responses over a redirect, which the package neither follows nor trusts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getOperation, listDevices, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { allItems } from "../shared/all-items.mjs";
import { asFetch, inTurn } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const BODY = '{"value":{"id":"o","operationType":"deviceDiagnostics","status":"Successful"}}';

/** A response after a redirect, from a fetch that ignores `redirect: "manual"`. */
const overRedirect = (status, fields) =>
  Object.defineProperty(new Response(status === 202 ? null : BODY, { status, headers: fields }), "redirected", { value: true });

test("a response after a followed redirect is refused, because the token was sent along", LIMIT, async () => {
  const redirected = async () => overRedirect(200);
  const error = await getOperation(LOCATION, { token: "t", fetch: redirected, maxRetries: 0 }).catch((error) => error);
  assert.deepEqual([error.code, error.location], ["untrustedLocation", LOCATION]);
  assert.match(error.message, /redirect/);
  // In a wait it is an unusable response, and the next poll may get a usable one.
  const fetch = inTurn(overRedirect(200), new Response(BODY));
  assert.equal((await waitForOperation(LOCATION, { token: "t", fetch })).status, "Successful");
  await assert.rejects(allItems(listDevices("t", { fetch: redirected, maxRetries: 0 })), { code: "untrustedLocation" });
});

test(
  "a 202 that came over a redirect may have started a run: nothing it names is followed, and the run is searched for",
  LIMIT,
  async () => {
    const sent = [];
    const run = { id: "o", operationType: "deviceDiagnostics", status: "Queued", createdDateTime: new Date().toISOString() };
    const fetch = asFetch(async (_url, { method }) => {
      sent.push(method);
      return method === "POST"
        ? overRedirect(202, { location: "https://graph.microsoft.com/beta/somewhere/else" })
        : Response.json({ value: [run] });
    });
    assert.equal(await runDiagnostics("t", "d", { fetch }), LOCATION);
    assert.deepEqual(sent, ["POST", "GET"]);
  },
);

test("a redirect that a browser hides is an unusable response", LIMIT, async () => {
  /** @type {() => any} */
  const hidden = () => ({ status: 0, type: "opaqueredirect", headers: new Headers(), text: async () => "" });
  const fetch = inTurn(hidden(), hidden(), new Response(BODY));
  assert.equal((await waitForOperation(LOCATION, { token: "t", fetch })).status, "Successful");
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: async () => hidden(), maxRetries: 0 }), { code: "untrustedLocation" });
});
