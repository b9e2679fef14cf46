// A call that is ended, at any moment and in any way, leaves no timer, listener or request, now or later.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as response from "../shared/scripted-graph.mjs";
import { CALLS, DEVICE, IN_FLIGHT, IN_PAUSE, NOTHING, TOKEN, abortable, begin, isOver, rejectsAfter } from "./calls.mjs";
import { MOMENTS } from "./moments.mjs";
import { anotherCopy, graph, live, pass, taken, turn } from "./surroundings.mjs";

for (const [name, moment] of Object.entries(MOMENTS)) {
  test(`abort ${name}`, async () => {
    const abortOnce = async () => {
      const { signal, abort, reason } = abortable();
      const { call, release, tokenRequests } = await begin(moment, { signal });
      await pass(moment.reached ?? 0);
      assert.deepEqual(live(signal), { ...NOTHING, signalListeners: 1, ...moment.live });
      assert.equal(call.state, "pending");
      abort();
      await turn();
      assert.equal(call.state, "rejected");
      assert.equal(call.reason, reason);
      await isOver({ signal, release, tokenRequests });
    };
    await abortOnce();
    const { values } = taken();
    await abortOnce();
    await abortOnce();
    assert.equal(taken().values, values, "JavaScript values are held");
  });

  const { timeOut } = moment;
  if (timeOut) {
    test(`options.timeout ${name}`, async () => {
      const { signal } = abortable();
      const { call, release, tokenRequests } = await begin(moment, { signal, timeout: 2_000, maxRetries: 0, patience: 0 });
      await rejectsAfter(call, timeOut);
      await isOver({ signal, release, tokenRequests });
    });
  }

  test(`options.operationTimeout ${name}`, async () => {
    const { signal } = abortable();
    const { call, release, tokenRequests } = await begin(moment, { signal, operationTimeout: moment.outOfTime.within });
    await rejectsAfter(call, moment.outOfTime);
    await isOver({ signal, release, tokenRequests });
  });
}

for (const [name, makeCall] of Object.entries(CALLS)) {
  test(`abort before ${name}: nothing is sent, also not to the token source`, async () => {
    const { signal, abort, reason } = abortable();
    abort();
    const { call, tokenRequests, sent } = await begin({ call: makeCall, hasSlowToken: true }, { signal });
    await turn();
    assert.equal(call.reason, reason);
    assert.deepEqual([tokenRequests(), sent()], [0, 0]);
    assert.deepEqual(live(signal), NOTHING);
  });

  test(`abort in the same breath as ${name}: nothing is sent, or not longer than that`, async () => {
    for (const hasSlowToken of [true, false]) {
      const { signal, abort, reason } = abortable();
      const { call, sent, release, tokenRequests } = await begin(
        { call: makeCall, hasSlowToken, script: { start: [response.silence], polls: [response.silence] } },
        { signal, atOnce: abort },
      );
      await turn();
      assert.equal(call.reason, reason);
      // A token that is passed directly is sent at once.
      assert.ok(sent() <= (hasSlowToken ? 0 : 1));
      await isOver({ signal, release, tokenRequests });
    }
  });

  test(`abort after ${name} has ended: nothing happens`, async () => {
    const { signal, abort } = abortable();
    const { call, release, tokenRequests } = await begin({ call: makeCall, script: { lists: [response.emptyList] } }, { signal });
    await turn();
    assert.equal(call.state, "resolved");
    assert.deepEqual(live(signal), NOTHING);
    abort();
    await isOver({ signal, release, tokenRequests });
    assert.equal(call.state, "resolved");
  });
}

test("abort while the package loads its wasm: nothing is sent", async () => {
  const copy = await anotherCopy();
  const { signal, abort, reason } = abortable();
  const sent = graph.sent;
  const call = copy.runDiagnostics(TOKEN, DEVICE, { signal, fetch: graph.fetch });
  abort();
  await assert.rejects(call, (error) => error === reason);
  assert.equal(graph.sent, sent);
  assert.deepEqual(live(signal), NOTHING);
});

test("an operation that failed leaves nothing", async () => {
  const { signal } = abortable();
  const { call, release, tokenRequests } = await begin({ call: CALLS.waitForOperation, script: { polls: [response.failed] } }, { signal });
  await turn();
  assert.equal(call.reason.code, "operationFailed");
  await isOver({ signal, release, tokenRequests });
});

for (const reason of [undefined, null, 0, "enough", { ours: true }, new TypeError("enough")]) {
  test(`the call rejects with the signal's own reason: ${String(reason)}`, async () => {
    const controller = new AbortController();
    const { call } = await begin({ call: CALLS.waitForOperation, script: { polls: [response.silence] } }, { signal: controller.signal });
    await turn();
    controller.abort(reason);
    await turn();
    assert.equal(call.state, "rejected");
    assert.equal(call.reason, controller.signal.reason);
  });
}

test("two calls with one signal: the end of one leaves the other alone, abort ends it", async () => {
  const { signal, abort, reason } = abortable();
  const first = await begin(
    { call: CALLS.waitForOperation, script: { polls: [response.running, response.running, response.successful] } },
    { signal, pollInterval: 1_000 },
  );
  const second = await begin({ call: CALLS.runDiagnostics, device: "elsewhere", script: { start: [response.silence] } }, { signal });
  await turn();
  assert.equal(live(signal).signalListeners, 1, "one for both");
  await pass(2_000);
  assert.equal(first.call.state, "resolved");
  assert.equal(second.call.state, "pending");
  assert.equal(live(signal).signalListeners, 1);
  abort();
  await turn();
  assert.equal(second.call.reason, reason);
  assert.deepEqual(live(signal), NOTHING);
});

test("a request that timed out is no longer open when it is retried", async () => {
  const { signal, abort } = abortable();
  const { sent } = await begin({ call: CALLS.waitForOperation, script: { polls: [response.silence] } }, { signal, timeout: 2_000 });
  for (const [failed, backoff] of [990, 1_980, 3_960].entries()) {
    await turn();
    assert.equal(sent(), failed + 1);
    assert.deepEqual(live(signal), { ...NOTHING, ...IN_FLIGHT, signalListeners: 1 });
    await pass(2_000);
    assert.deepEqual(live(signal), { ...NOTHING, ...IN_PAUSE, signalListeners: 1 });
    await pass(backoff);
  }
  abort();
  await turn();
});
