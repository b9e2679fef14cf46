// Values that are not an id or a location are refused before anything is sent, and are not repeated if they may be a token.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { getOperation, listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const JWT = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl-_0";
const TOO_LONG = "x".repeat(1_025);
const options = { token: "t", fetch: () => assert.fail("nothing is sent") };

/** @type {Record<string, [call: (given: string) => Promise<any>, argument: string]>} */
const CALLS = {
  runDiagnostics: [(given) => runDiagnostics("t", given, options), "deviceId"],
  listOperations: [(given) => listOperations("t", given, options).next(), "deviceId"],
  waitForOperation: [(given) => waitForOperation(given, options), "location"],
  getOperation: [(given) => getOperation(given, options), "location"],
};
const shown = (error) => [inspect(error, { depth: Infinity }), JSON.stringify(error), error.stack].join("\n");

for (const [name, [call, argument]] of Object.entries(CALLS)) {
  test(`${name}: a token in the place of ${argument} is refused with what to pass, and not repeated`, LIMIT, async () => {
    for (const given of [JWT, TOO_LONG]) {
      const error = await call(given).catch((error) => error);
      assert.equal(error.code, "invalidArgument", String(error));
      assert.match(error.message, new RegExp(`^${argument} `));
      assert.ok(!shown(error).includes(given.slice(0, 40)), shown(error));
      assert.equal(error.mayHaveStarted, false);
    }
    const { message } = await call(JWT).catch((error) => error);
    assert.match(message, /looks like an access token/);
  });
}

test("the arguments of runDiagnostics in the wrong order show no token either", LIMIT, async () => {
  const error = await runDiagnostics("device-of-the-room", JWT, options).catch((error) => error);
  assert.equal(error.code, "invalidArgument");
  assert.match(error.message, /\(token, deviceId\)/);
  assert.ok(!shown(error).includes("eyJ"));
});

test("an id or a location of 1,024 characters is accepted", LIMIT, async () => {
  const refuse = async () => new Response("", { status: 403 });
  const location = `https://graph.microsoft.com/beta/${"x".repeat(1_024)}`.slice(0, 1_024);
  for (const call of [runDiagnostics("t", "x".repeat(1_024), { fetch: refuse }), getOperation(location, { token: "t", fetch: refuse })]) {
    await assert.rejects(call, { code: "forbidden" });
  }
});

test("a location from runDiagnostics is accepted, however long the id is", LIMIT, async () => {
  const id = "d".repeat(1_024);
  const location = `/teamwork/devices/${id}/operations/o`;
  const fetch = asFetch(async (_url, { method }) =>
    method === "POST" ? new Response(null, { status: 202, headers: { location } }) : Response.json({ id: "o", status: "Successful" }),
  );
  const started = await runDiagnostics("t", id, { fetch });
  assert.equal(started, `https://graph.microsoft.com/beta${location}`);
  assert.equal((await waitForOperation(started, { fetch })).status, "Successful");
});
