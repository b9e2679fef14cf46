// A call that is ended within a function of its caller leaves nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asFetch } from "../shared/fetch.mjs";
import * as response from "../shared/scripted-graph.mjs";
import { CALLS, DEVICE, TOKEN, abortable, begin, isOver } from "./calls.mjs";
import { graph, observed, pass, turn } from "./surroundings.mjs";

/** A call for each type of event. @type {Record<string, import("./calls.mjs").Given & { options?: object }>} */
const EVENTS = {
  started: { call: CALLS.runDiagnostics },
  attached: {
    call: CALLS.runDiagnostics,
    script: { start: [response.conflict], lists: [response.listed("Queued")] },
    options: { onConflict: "attach" },
  },
  retry: { call: CALLS.runDiagnostics, script: { start: [response.unavailable] } },
  throttled: { call: CALLS.waitForOperation, script: { polls: [response.throttledLonger] } },
  status: { call: CALLS.waitForOperation, script: { polls: [response.running] } },
};

for (const [type, { call: makeCall, script, options }] of Object.entries(EVENTS)) {
  // A callback cannot lose a run that Graph has accepted.
  const isTaken = ["started", "attached"].includes(type);
  test(`a callback that throws at ${type} ${isTaken ? "is reported, and ends nothing" : "ends the call with its own error"}`, async (t) => {
    const { signal } = abortable();
    const reported = [];
    globalThis.reportError = (failure) => reported.push(failure);
    t.after(() => Reflect.deleteProperty(globalThis, "reportError"));
    const thrown = new Error("a bug of the caller");
    const onProgress = (event) => {
      assert.equal(event.type, type);
      throw thrown;
    };
    const { call, release, tokenRequests } = await begin({ call: makeCall, script }, { ...options, signal, onProgress });
    await pass(1);
    assert.equal(isTaken ? reported[0] : call.reason, thrown);
    assert.equal(call.state, isTaken ? "resolved" : "rejected");
    await isOver({ signal, release, tokenRequests });
  });
}

for (const type of ["retry", "throttled", "status"]) {
  test(`a callback that aborts at ${type} ends the call`, async () => {
    const { signal, abort, reason } = abortable();
    const { call: makeCall, script } = EVENTS[type];
    const { call, release, tokenRequests } = await begin({ call: makeCall, script }, { signal, onProgress: abort });
    await turn();
    assert.equal(call.reason, reason);
    await isOver({ signal, release, tokenRequests });
  });
}

test("a fetch that aborts while it is called ends the call", async () => {
  const { signal, abort, reason } = abortable();
  graph.expect(DEVICE, { polls: [response.silence] });
  const fetch = asFetch((...request) => {
    abort();
    return graph.fetch(...request);
  });
  const call = observed(CALLS.waitForOperation({ token: TOKEN, signal, fetch }));
  await turn();
  assert.equal(call.reason, reason);
  await isOver({ signal });
});
