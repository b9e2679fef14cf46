// A call that is ended while it awaits its token source leaves nothing, and disturbs no call that shares the token request.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as response from "../shared/scripted-graph.mjs";
import { CALLS, DEVICE, HOURS, IN_TOKEN_SOURCE, NOTHING, TOKEN, abortable, begin, isOver, rejectsAfter, slowToken } from "./calls.mjs";
import { graph, live, observed, pass, turn } from "./surroundings.mjs";

test("a token source that fails after the abort has no effect", async () => {
  const { signal, abort, reason } = abortable();
  const { call, fail } = await begin({ call: CALLS.runDiagnostics, hasSlowToken: true }, { signal });
  await turn();
  abort();
  await turn();
  fail(new Error("signed out"));
  await pass(HOURS);
  assert.equal(call.reason, reason);
  assert.deepEqual(live(signal), NOTHING);
});

test("a call that shares its token request with an aborted call gets the token", async () => {
  const { signal, abort } = abortable();
  const { token: getToken, tokenRequests, pending } = slowToken();
  const token = { getToken };
  graph.expect(DEVICE, {});
  const aborted = observed(CALLS.getOperation({ token, signal, fetch: graph.fetch }));
  const other = observed(CALLS.getOperation({ token, fetch: graph.fetch }));
  await turn();
  abort();
  await turn();
  assert.deepEqual([aborted.state, other.state, tokenRequests()], ["rejected", "pending", 1]);
  for (const { resolve } of pending) resolve({ token: TOKEN });
  await turn();
  assert.equal(other.state, "resolved");
});

test("abort before Graph demands claims: the token source is not called for the ended call", async () => {
  /** @type {string[]} */
  const demanded = [];
  /** @param {import("teams-device-diagnostics").TokenRequest} request */
  const token = ({ claims }) => {
    demanded.push(claims ?? "none");
    return TOKEN;
  };
  graph.expect(DEVICE, { polls: [response.slowChallenge] });
  const { signal, abort, reason } = abortable();
  const challenged = observed(CALLS.getOperation({ token, signal, fetch: graph.fetch }));
  await turn();
  abort();
  response.slowChallenge.release();
  await turn();
  assert.equal(challenged.reason, reason);
  assert.deepEqual(demanded, ["none"]);
  await isOver({ signal });
});

for (const [name, makeCall] of Object.entries(CALLS)) {
  test(`options.tokenTimeout for ${name}: a source that hangs is not waited for, and nothing is left`, async () => {
    for (const kind of [(getToken) => getToken, (getToken) => ({ getToken })]) {
      const { signal } = abortable();
      const { token: getToken, tokenRequests, pending } = slowToken();
      const call = observed(makeCall({ token: kind(getToken), fetch: graph.fetch, signal, tokenTimeout: 2_000 }));
      await pass(1_999);
      assert.deepEqual(live(signal), { ...NOTHING, ...IN_TOKEN_SOURCE, signalListeners: 1 });
      assert.equal(call.state, "pending");
      await pass(1);
      assert.equal(call.reason.code, "unauthorized");
      await isOver({ signal, tokenRequests, release: () => pending.forEach(({ resolve }) => resolve(TOKEN)) });
    }
  });
}

test("without options.tokenTimeout a call waits five minutes for a token source that hangs", async () => {
  const { token } = slowToken();
  const call = observed(CALLS.getOperation({ token, fetch: graph.fetch }));
  await rejectsAfter(call, { after: 300_000, code: "unauthorized" });
});
