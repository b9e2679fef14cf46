// A page that becomes visible or comes back online polls at once, but not before Graph allows it.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as response from "../shared/scripted-graph.mjs";
import { CALLS, IN_PAUSE, NOTHING, abortable, begin } from "./calls.mjs";
import { MOMENTS } from "./moments.mjs";
import { live, page, pass, turn } from "./surroundings.mjs";

test("a page that becomes visible polls at once", async () => {
  for (const comesBack of [() => page.turnsTo("visible"), () => page.isBackOnline()]) {
    const { call, sent } = await begin(
      { call: CALLS.waitForOperation, script: { polls: [response.running, response.successful] } },
      { pollInterval: 10_000 },
    );
    await pass(5_000);
    assert.deepEqual([call.state, sent()], ["pending", 1]);
    await comesBack();
    assert.deepEqual([call.state, sent()], ["resolved", 2]);
    assert.deepEqual(live(), NOTHING);
  }
});

test("a page that becomes visible does not wait for the end of a backoff", async () => {
  const { call, sent } = await begin(
    { call: CALLS.waitForOperation, script: { polls: [response.lost, response.lost, response.lost, response.successful] } },
    {},
  );
  await pass(990 + 1_980);
  assert.equal(sent(), 3, "the next backoff takes almost four seconds");
  await pass(2_000);
  assert.equal(sent(), 3);
  await page.isBackOnline();
  assert.equal(call.state, "resolved");
});

test("a page that becomes hidden does not poll because of that", async () => {
  const { call, sent } = await begin(
    { call: CALLS.waitForOperation, script: { polls: [response.running, response.successful] } },
    { pollInterval: 10_000 },
  );
  await pass(5_000);
  await page.turnsTo("hidden");
  assert.equal(sent(), 1);
  await pass(4_999);
  assert.equal(sent(), 1);
  await pass(1);
  assert.equal(call.state, "resolved");
  await page.turnsTo("visible");
});

test("a page that is hidden and shown again and again polls at most once a second", async () => {
  const { signal, abort } = abortable();
  const { sent } = await begin({ call: CALLS.waitForOperation, script: { polls: [response.running] } }, { signal, pollInterval: 60_000 });
  await turn();
  for (let time = 0; time < 100; time++) {
    await page.turnsTo("hidden");
    await page.turnsTo("visible");
    await page.isBackOnline();
    assert.deepEqual(live(signal), { ...NOTHING, ...IN_PAUSE, signalListeners: 1 });
    await pass(100);
  }
  assert.equal(sent(), 11, "the first, and one for each of ten seconds");
  abort();
  await turn();
});

const WITH_RETRY_AFTER = {
  "the 202": MOMENTS["in a Retry-After of the 202"],
  "a running operation": MOMENTS["between polls, in a Retry-After"],
  "a failed poll": MOMENTS["in a Retry-After of a poll"],
  "a failed start": MOMENTS["in a Retry-After of the start"],
  "a list": MOMENTS["in a Retry-After of a list"],
};
for (const [name, moment] of Object.entries(WITH_RETRY_AFTER)) {
  test(`a page that becomes visible respects the Retry-After of ${name}`, async () => {
    const { signal, abort } = abortable();
    const { sent } = await begin(moment, { signal });
    await turn();
    const before = sent();
    for (let second = 0; second < 19; second++) {
      await pass(1_000);
      await page.turnsTo("visible");
      await page.isBackOnline();
    }
    await pass(999);
    assert.equal(sent(), before);
    await pass(1);
    assert.equal(sent(), before + 1);
    abort();
    await turn();
  });
}

test("after Graph's Retry-After, the rest of a longer pollInterval ends when the page becomes visible", async () => {
  const script = { polls: [response.runningPollLater, response.successful] };
  const { call, sent } = await begin({ call: CALLS.waitForOperation, script }, { pollInterval: 60_000 });
  await pass(19_999);
  await page.turnsTo("visible");
  assert.equal(sent(), 1);
  await pass(1);
  await page.turnsTo("visible");
  assert.deepEqual([call.state, sent()], ["resolved", 2]);
});
