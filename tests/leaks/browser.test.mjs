// The same as moments.test.mjs and its neighbours in Chromium, with the browser's own timers, listeners, signals and fetch. The network is really disconnected
// and connected again. A headless Chromium cannot hide a page, so the visibility is set on the page's document.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { launchChromium } from "../shared/chromium.mjs";
import { openPage, servePage } from "./page.mjs";

const NOTHING = { timers: 0, listeners: 0, requests: 0 };
const TOKEN = "a-token-as-long-as-a-short-one-is";
/** Longer than any wait of these tests, so that a timer that is left has fired by then. */
const LATER = 2_500;
const LIMIT = { timeout: 60_000 };

/** The moments at which a call is ended. `live` is what exists then, including a listener on the signal. */
const MOMENTS = {
  "in the token source": { device: "successful", token: undefined, live: { timers: 1, listeners: 1, requests: 0 }, sends: 0 },
  "in flight: the start": { device: "start-hang", live: { timers: 1, listeners: 1, requests: 1 }, sends: 1 },
  "in flight: a poll": { device: "poll-hang", live: { timers: 1, listeners: 1, requests: 1 }, sends: 2 },
  "between polls": { device: "queued", options: { pollInterval: 2_000 }, live: { timers: 1, listeners: 3, requests: 0 }, sends: 2 },
  "in a Retry-After": { device: "running-retry-after", live: { timers: 1, listeners: 3, requests: 0 }, sends: 1 },
};
/** Moments that are so short that an event of the call must announce them. */
const EVENTS = {
  "in a backoff": { device: "poll-server-error", abortAt: "retry" },
  "in a Retry-After of the start": { device: "throttled", abortAt: "throttled" },
};

let browser;
let served;
before(async () => {
  [browser, served] = await Promise.all([launchChromium(), servePage()]);
});
after(async () => {
  await browser?.close();
  served?.stop();
});
const open = (t) => openPage(t, browser, served.url);

describe("in Chromium", { concurrency: 3 }, () => {
  for (const [name, { device, options, live, sends, ...moment }] of Object.entries(MOMENTS)) {
    test(`abort ${name}`, LIMIT, async (t) => {
      const { call, baseUrl, left, sent } = await open(t);
      const token = "token" in moment ? moment.token : TOKEN;
      await call("begin", device, { baseUrl, token, ...options });
      await until(
        async () => (await sent()) === sends && isSame(await left(), live),
        async () => ({ sent: await sent(), left: await left() }),
      );
      const { stateAfterAbort, isOwnReason } = await call("abort");
      assert.deepEqual({ stateAfterAbort, isOwnReason }, { stateAfterAbort: "rejected", isOwnReason: true });
      await isOver({ left, sent, sends });
    });
  }

  for (const [name, { device, abortAt }] of Object.entries(EVENTS)) {
    test(`abort ${name}`, LIMIT, async (t) => {
      const { call, baseUrl, left, sent } = await open(t);
      await call("begin", device, { baseUrl, token: TOKEN, pollInterval: 300 }, abortAt);
      await until(
        async () => (await call("outcomeSoFar")).stateAfterAbort,
        () => call("outcomeSoFar"),
      );
      const { stateAfterAbort, isOwnReason, events } = await call("outcomeSoFar");
      assert.deepEqual({ stateAfterAbort, isOwnReason }, { stateAfterAbort: "rejected", isOwnReason: true });
      assert.equal(events.at(-1), abortAt);
      await isOver({ left, sent, sends: await sent() });
    });
  }

  test("abort before the start", LIMIT, async (t) => {
    const { call, baseUrl, left, sent } = await open(t);
    await call("abort");
    await call("begin", "successful", { baseUrl, token: TOKEN });
    await until(async () => (await call("outcomeSoFar")).state !== "pending");
    assert.equal((await call("outcomeSoFar")).isOwnReason, true);
    await isOver({ left, sent, sends: 0 });
  });

  test("abort after the end", LIMIT, async (t) => {
    const { call, baseUrl, left, sent } = await open(t);
    await call("begin", "successful", { baseUrl, token: TOKEN, pollInterval: 50 });
    await until(async () => (await call("outcomeSoFar")).state !== "pending");
    assert.deepEqual(await left(), NOTHING);
    const { state, status } = await call("abort");
    assert.deepEqual({ state, status }, { state: "resolved", status: "Successful" });
    await isOver({ left, sent, sends: await sent() });
  });

  test("options.timeout ends a poll that gets no response", LIMIT, async (t) => {
    const { call, baseUrl, left, sent } = await open(t);
    await call("begin", "poll-hang", { baseUrl, token: TOKEN, timeout: 700, maxRetries: 0, patience: 0 });
    await until(async () => (await call("outcomeSoFar")).state !== "pending");
    assert.equal((await call("outcomeSoFar")).code, "timeout");
    await isOver({ left, sent, sends: 2 });
  });

  test("options.operationTimeout ends a poll that gets no response", LIMIT, async (t) => {
    const { call, baseUrl, left, sent } = await open(t);
    // Long enough for the start and the poll to be sent, also on a busy machine.
    await call("begin", "poll-hang", { baseUrl, token: TOKEN, operationTimeout: 2_000 });
    await until(async () => (await call("outcomeSoFar")).state !== "pending");
    assert.equal((await call("outcomeSoFar")).code, "operationTimeout");
    await isOver({ left, sent, sends: 2 });
  });

  test("a list that is left early", LIMIT, async (t) => {
    const { call, baseUrl, left, sent } = await open(t);
    assert.equal(await call("leaveList", "queued", { baseUrl, token: TOKEN }), "queued");
    await isOver({ left, sent, sends: 2 });
  });

  test("a page that becomes visible or comes back online polls at once; a page that is hidden does not", LIMIT, async (t) => {
    const { call, baseUrl, sent, online } = await open(t);
    await call("begin", "queued", { baseUrl, token: TOKEN, pollInterval: 50_000 });
    await until(async () => (await sent()) === 2, sent);
    await pause(1_100);
    await call("turnTo", "hidden");
    await pause(500);
    assert.equal(await sent(), 2, "hidden");
    await call("turnTo", "visible");
    await until(async () => (await sent()) === 3, sent);
    await pause(1_100);
    await online(false);
    await pause(500);
    assert.equal(await sent(), 3, "offline");
    await online(true);
    await until(async () => (await sent()) === 4, sent);
  });
});

/** @param {unknown} one @param {unknown} other */
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Waits until something holds. @param {() => Promise<unknown>} holds @param {() => Promise<unknown>} [found] what there is instead */
async function until(holds, found = async () => undefined) {
  for (const end = Date.now() + 20_000; !(await holds()); await pause(20)) {
    if (Date.now() > end) assert.fail(`did not come about: ${JSON.stringify(await found())}`);
  }
}

/** Asserts that nothing is left, and that nothing happens later. */
async function isOver({ left, sent, sends }) {
  // The browser reports the end of an aborted request a moment later.
  await until(async () => (await left()).requests === 0, left);
  assert.deepEqual(await left(), NOTHING);
  await pause(LATER);
  assert.equal(await sent(), sends, "a later request");
  assert.deepEqual(await left(), NOTHING);
}
