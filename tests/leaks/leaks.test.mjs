// A call that is ended, at any moment and in any way, leaves no timer, listener or request, now or later.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import * as answers from "../shared/scripted-graph.mjs";
import {
  anotherCopy,
  clearAway,
  getOperation,
  graph,
  listOperations,
  live,
  observed,
  page,
  pass,
  runDiagnostics,
  taken,
  turn,
  waitForOperation,
} from "./surroundings.mjs";

const TOKEN = "a-token-as-long-as-a-short-one-is";
const DEVICE = "room";
const LOCATION = `https://graph.microsoft.com/beta/teamwork/devices/${DEVICE}/operations/operation-${DEVICE}`;
const NOTHING = { timers: 0, requests: 0, pageListeners: 0, signalListeners: 0 };
const HOURS = 7_200_000;

const CALLS = {
  runDiagnostics: (options) => runDiagnostics(options.token, DEVICE, options),
  waitForOperation: (options) => waitForOperation(LOCATION, options),
  getOperation: (options) => getOperation(LOCATION, options),
  listOperations: async (options) => {
    for await (const operation of listOperations(options.token, DEVICE, options)) assert.ok(operation);
  },
};
const { runDiagnostics: start, waitForOperation: wait, getOperation: get, listOperations: list } = CALLS;

/** A call has one timer. In a pause it also listens for the page to become visible and for the network to come back. */
const ASKING = { timers: 1 };
const IN_FLIGHT = { timers: 1, requests: 1 };
const IN_PAUSE = { timers: 1, pageListeners: 2 };

/** How the two time-outs end a call at most moments. `after` is counted from the start of the call. */
const endsInTime = { timeOut: { after: 2_000, code: "timeout" }, outOfTime: { within: 2_000, after: 2_000, code: "operationTimeout" } };
const outlastsTheTime = (within) => ({ outOfTime: { within, after: 0, code: "operationTimeout" } });

/**
 * A moment at which a call can be ended.
 *
 * @typedef {object} Moment
 * @property {(options: any) => Promise<any>} call
 * @property {boolean} [hasSlowToken] whether the test decides when the token source settles
 * @property {boolean} [isStarted]
 * @property {Parameters<typeof graph.expect>[1]} [script] the responses of Graph until then
 * @property {number} [reached] the time until then, in milliseconds
 * @property {Partial<typeof NOTHING>} live what exists then
 * @property {{ after: number, code: string }} [timeOut] how the call ends if a request may take 2,000 ms and is not retried
 * @property {{ within: number, after: number, code: string }} outOfTime how the call ends if it may take `within`
 */

/** @type {Record<string, Moment>} */
const MOMENTS = {
  "in the token source, before the start": { call: start, hasSlowToken: true, live: ASKING, outOfTime: endsInTime.outOfTime },
  "in the token source, before a poll": { call: wait, hasSlowToken: true, live: ASKING, outOfTime: endsInTime.outOfTime },
  "in the token source, for a page of a list": { call: list, hasSlowToken: true, live: ASKING, outOfTime: endsInTime.outOfTime },

  "in flight: the start": {
    call: start,
    script: { start: [answers.silence], lists: [answers.emptyList] },
    live: IN_FLIGHT,
    ...endsInTime,
    // After the time-out there are three searches for the run.
    timeOut: { after: 2_000 + 1_000 + 2_000 + 4_000, code: "timeout" },
  },
  "in flight: a poll": { call: wait, script: { polls: [answers.silence] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the body of a poll": { call: wait, script: { polls: [answers.endlessBody] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the only poll": { call: get, script: { polls: [answers.silence] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the first page of a list": { call: list, script: { lists: [answers.silence] }, live: IN_FLIGHT, ...endsInTime },
  "in flight: the second page of a list": {
    call: list,
    script: { lists: [answers.firstPage, answers.silence] },
    live: IN_FLIGHT,
    ...endsInTime,
  },
  "in flight: the list in the search for a lost run": {
    call: start,
    script: { start: [answers.lost], lists: [answers.silence] },
    reached: 1_000,
    live: IN_FLIGHT,
    timeOut: { after: 1_000 + 2_000 + 2_000 + 2_000 + 4_000 + 2_000, code: "network" },
    // A search may take only half of the remaining time, so that the reason for it can still be reported.
    outOfTime: { within: 10_000, after: 5_000, code: "network" },
  },
  "in flight: the list in the search for the queued operation": {
    call: start,
    script: { start: [answers.conflict], lists: [answers.silence] },
    reached: 1,
    live: IN_FLIGHT,
    timeOut: { after: 1 + 2_000, code: "conflict" },
    outOfTime: { within: 10_000, after: 5_000, code: "conflict" },
  },

  "in a backoff of the start": { call: start, script: { start: [answers.unavailable] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff of a poll": { call: wait, script: { polls: [answers.unavailable] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff after a lost connection": { call: get, script: { polls: [answers.lost] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff of a 404 that may pass": { call: wait, script: { polls: [answers.notFound] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "in a backoff of a list": { call: list, script: { lists: [answers.unavailable] }, live: IN_PAUSE, ...outlastsTheTime(500) },
  "before the search for a lost run": {
    call: start,
    script: { start: [answers.lost] },
    live: { timers: 1 },
    outOfTime: { within: 1_500, after: 750, code: "network" },
  },

  "in a Retry-After of the start": {
    call: start,
    script: { start: [answers.throttledLonger] },
    live: IN_PAUSE,
    ...outlastsTheTime(10_000),
  },
  "in a Retry-After of the 202": {
    call: wait,
    isStarted: true,
    script: { start: [answers.acceptedPollLater] },
    live: IN_PAUSE,
    ...outlastsTheTime(10_000),
  },
  "in a Retry-After of a poll": { call: wait, script: { polls: [answers.throttledLonger] }, live: IN_PAUSE, ...outlastsTheTime(10_000) },
  "in a Retry-After of a list": { call: list, script: { lists: [answers.throttledLonger] }, live: IN_PAUSE, ...outlastsTheTime(10_000) },
  "in a Retry-After of a conflict": {
    call: start,
    script: { start: [answers.conflictPollLater] },
    live: { timers: 1 },
    // There is no time to poll, so the conflict is reported at once.
    outOfTime: { within: 10_000, after: 0, code: "conflict" },
  },
  "between polls, in a Retry-After": {
    call: wait,
    script: { polls: [answers.runningPollLater] },
    live: IN_PAUSE,
    ...outlastsTheTime(10_000),
  },

  "between polls": {
    call: wait,
    script: { polls: [answers.running] },
    live: IN_PAUSE,
    outOfTime: { within: 1_500, after: 1_500, code: "operationTimeout" },
  },
};

afterEach(() => {
  const found = live();
  clearAway();
  assert.deepEqual(found, NOTHING, "the test itself left something");
});

for (const [name, moment] of Object.entries(MOMENTS)) {
  test(`abort ${name}`, async () => {
    const abortOnce = async () => {
      const { signal, abort, reason } = abortable();
      const { call, release, asked } = await begin(moment, { signal });
      await pass(moment.reached ?? 0);
      assert.deepEqual(live(signal), { ...NOTHING, signalListeners: 1, ...moment.live });
      assert.equal(call.state, "pending");
      abort();
      await turn();
      assert.equal(call.state, "rejected");
      assert.equal(call.reason, reason);
      await isOver({ signal, release, asked });
    };
    await abortOnce();
    const { values } = taken();
    await abortOnce();
    await abortOnce();
    assert.equal(taken().values, values, "JavaScript values are held");
  });

  if (moment.timeOut) {
    test(`options.timeout ${name}`, async () => {
      const { signal } = abortable();
      const { call, release, asked } = await begin(moment, { signal, timeout: 2_000, maxRetries: 0, patience: 0 });
      await rejectsAfter(call, moment.timeOut);
      await isOver({ signal, release, asked });
    });
  }

  test(`options.operationTimeout ${name}`, async () => {
    const { signal } = abortable();
    const { call, release, asked } = await begin(moment, { signal, operationTimeout: moment.outOfTime.within });
    await rejectsAfter(call, moment.outOfTime);
    await isOver({ signal, release, asked });
  });
}

for (const [name, makeCall] of Object.entries(CALLS)) {
  test(`abort before ${name}: nothing is asked for, nothing is sent`, async () => {
    const { signal, abort, reason } = abortable();
    abort();
    const { call, asked, sent } = await begin({ call: makeCall, hasSlowToken: true }, { signal });
    await turn();
    assert.equal(call.reason, reason);
    assert.deepEqual([asked(), sent()], [0, 0]);
    assert.deepEqual(live(signal), NOTHING);
  });

  test(`abort in the same breath as ${name}: nothing is sent, or not longer than that`, async () => {
    for (const hasSlowToken of [true, false]) {
      const { signal, abort, reason } = abortable();
      const { call, sent, release, asked } = await begin(
        { call: makeCall, hasSlowToken, script: { start: [answers.silence], polls: [answers.silence] } },
        { signal, atOnce: abort },
      );
      await turn();
      assert.equal(call.reason, reason);
      // A token that is passed directly is sent at once.
      assert.ok(sent() <= (hasSlowToken ? 0 : 1));
      await isOver({ signal, release, asked });
    }
  });

  test(`abort after ${name} has ended: nothing happens`, async () => {
    const { signal, abort } = abortable();
    const { call, release, asked } = await begin({ call: makeCall, script: { lists: [answers.emptyList] } }, { signal });
    await turn();
    assert.equal(call.state, "resolved");
    assert.deepEqual(live(signal), NOTHING);
    abort();
    await isOver({ signal, release, asked });
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
  const { call, release, asked } = await begin({ call: wait, script: { polls: [answers.failed] } }, { signal });
  await turn();
  assert.equal(call.reason.code, "operationFailed");
  await isOver({ signal, release, asked });
});

for (const reason of [undefined, null, 0, "enough", { ours: true }, new TypeError("enough")]) {
  test(`the call rejects with the signal's own reason: ${String(reason)}`, async () => {
    const controller = new AbortController();
    const { call } = await begin({ call: wait, script: { polls: [answers.silence] } }, { signal: controller.signal });
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
    { call: wait, script: { polls: [answers.running, answers.running, answers.successful] } },
    { signal, pollInterval: 1_000 },
  );
  const second = await begin({ call: start, device: "elsewhere", script: { start: [answers.silence] } }, { signal });
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
  const { sent } = await begin({ call: wait, script: { polls: [answers.silence] } }, { signal, timeout: 2_000 });
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

test("a token source that fails after the abort has no effect", async () => {
  const { signal, abort, reason } = abortable();
  const { call, fail } = await begin({ call: start, hasSlowToken: true }, { signal });
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
  const { token: ask, asked, pending } = slowToken();
  const token = { getToken: ask };
  graph.expect(DEVICE, {});
  const aborted = observed(get({ token, signal, fetch: graph.fetch }));
  const other = observed(get({ token, fetch: graph.fetch }));
  await turn();
  abort();
  await turn();
  assert.deepEqual([aborted.state, other.state, asked()], ["rejected", "pending", 1]);
  for (const { resolve } of pending) resolve({ token: TOKEN });
  await turn();
  assert.equal(other.state, "resolved");
});

test("abort before Graph demands claims: the token source is not called for the ended call", async () => {
  const asked = [];
  const token = ({ claims }) => {
    asked.push(claims ?? "none");
    return TOKEN;
  };
  graph.expect(DEVICE, { polls: [answers.slowChallenge] });
  const { signal, abort, reason } = abortable();
  const challenged = observed(get({ token, signal, fetch: graph.fetch }));
  await turn();
  abort();
  answers.slowChallenge.release();
  await turn();
  assert.equal(challenged.reason, reason);
  assert.deepEqual(asked, ["none"]);
  await isOver({ signal });
});

for (const [name, makeCall] of Object.entries(CALLS)) {
  test(`options.tokenTimeout for ${name}: a source that hangs is not waited for, and nothing is left`, async () => {
    for (const kind of [(ask) => ask, (ask) => ({ getToken: ask })]) {
      const { signal } = abortable();
      const { token: ask, asked, pending } = slowToken();
      const call = observed(makeCall({ token: kind(ask), fetch: graph.fetch, signal, tokenTimeout: 2_000 }));
      await pass(1_999);
      assert.deepEqual(live(signal), { ...NOTHING, ...ASKING, signalListeners: 1 });
      assert.equal(call.state, "pending");
      await pass(1);
      assert.equal(call.reason.code, "unauthorized");
      await isOver({ signal, asked, release: () => pending.forEach(({ resolve }) => resolve(TOKEN)) });
    }
  });
}

test("without options.tokenTimeout a call waits five minutes for a token source that hangs", async () => {
  const { token } = slowToken();
  const call = observed(get({ token, fetch: graph.fetch }));
  await rejectsAfter(call, { after: 300_000, code: "unauthorized" });
});

// --- Callbacks.

const TOLD = {
  started: { call: start },
  attached: { call: start, script: { start: [answers.conflict], lists: [answers.listed("Queued")] }, options: { onConflict: "attach" } },
  retry: { call: start, script: { start: [answers.unavailable] } },
  throttled: { call: wait, script: { polls: [answers.throttledLonger] } },
  status: { call: wait, script: { polls: [answers.running] } },
};

for (const [type, { call: makeCall, script, options }] of Object.entries(TOLD)) {
  // A callback cannot lose a run that Graph has accepted.
  const isTaken = ["started", "attached"].includes(type);
  test(`a callback that throws at ${type} ${isTaken ? "is reported, and ends nothing" : "ends the call with its own error"}`, async (t) => {
    const { signal } = abortable();
    const reported = [];
    globalThis.reportError = (failure) => reported.push(failure);
    t.after(() => delete globalThis.reportError);
    const thrown = new Error("a bug of the caller");
    const onProgress = (event) => {
      assert.equal(event.type, type);
      throw thrown;
    };
    const { call, release, asked } = await begin({ call: makeCall, script }, { ...options, signal, onProgress });
    await pass(1);
    assert.equal(isTaken ? reported[0] : call.reason, thrown);
    assert.equal(call.state, isTaken ? "resolved" : "rejected");
    await isOver({ signal, release, asked });
  });
}

for (const type of ["retry", "throttled", "status"]) {
  test(`a callback that aborts at ${type} ends the call`, async () => {
    const { signal, abort, reason } = abortable();
    const { call: makeCall, script } = TOLD[type];
    const { call, release, asked } = await begin({ call: makeCall, script }, { signal, onProgress: abort });
    await turn();
    assert.equal(call.reason, reason);
    await isOver({ signal, release, asked });
  });
}

test("a fetch that aborts while it is called ends the call", async () => {
  const { signal, abort, reason } = abortable();
  graph.expect(DEVICE, { polls: [answers.silence] });
  const fetch = (...request) => {
    abort();
    return graph.fetch(...request);
  };
  const call = observed(wait({ token: TOKEN, signal, fetch }));
  await turn();
  assert.equal(call.reason, reason);
  await isOver({ signal });
});

// --- Lists.

test("a list that is left early keeps nothing, and requests no further page", async () => {
  const { signal } = abortable();
  graph.expect(DEVICE, { lists: [answers.firstPage, answers.silence] });
  const leaveEarly = async () => {
    for await (const operation of listOperations(TOKEN, DEVICE, { fetch: graph.fetch, signal })) return operation.id;
  };
  assert.equal(await leaveEarly(), `operation-${DEVICE}-old`);
  await isOver({ signal });
  const before = taken();
  for (let time = 0; time < 200; time++) {
    graph.expect(DEVICE, { lists: [answers.firstPage, answers.silence] });
    await leaveEarly();
  }
  assert.deepEqual(taken(), before);
});

test("a list whose reader throws keeps nothing", async () => {
  const thrown = new Error("a bug of the reader");
  graph.expect(DEVICE, { lists: [answers.listed("Queued")] });
  const readAll = async () => {
    for await (const operation of listOperations(TOKEN, DEVICE, { fetch: graph.fetch })) throw operation.id && thrown;
  };
  await assert.rejects(readAll(), (error) => error === thrown);
  const before = taken();
  for (let time = 0; time < 200; time++) await assert.rejects(readAll());
  assert.deepEqual(taken(), before);
});

test("a list that was aborted has ended", async () => {
  const { signal, abort, reason } = abortable();
  graph.expect(DEVICE, { lists: [answers.silence] });
  const operations = listOperations(TOKEN, DEVICE, { fetch: graph.fetch, signal });
  const page = observed(operations.next());
  await turn();
  abort();
  await turn();
  assert.equal(page.reason, reason);
  assert.deepEqual(await operations.next(), { done: true, value: undefined });
  await isOver({ signal });
});

// --- The visibility of the page.

test("a page that becomes visible polls at once", async () => {
  for (const comesBack of [() => page.turnsTo("visible"), () => page.isBackOnline()]) {
    const { call, sent } = await begin({ call: wait, script: { polls: [answers.running, answers.successful] } }, { pollInterval: 10_000 });
    await pass(5_000);
    assert.deepEqual([call.state, sent()], ["pending", 1]);
    await comesBack();
    assert.deepEqual([call.state, sent()], ["resolved", 2]);
    assert.deepEqual(live(), NOTHING);
  }
});

test("a page that becomes visible does not wait for the end of a backoff", async () => {
  const { call, sent } = await begin({ call: wait, script: { polls: [answers.lost, answers.lost, answers.lost, answers.successful] } }, {});
  await pass(990 + 1_980);
  assert.equal(sent(), 3, "the next backoff takes almost four seconds");
  await pass(2_000);
  assert.equal(sent(), 3);
  await page.isBackOnline();
  assert.equal(call.state, "resolved");
});

test("a page that becomes hidden does not poll because of that", async () => {
  const { call, sent } = await begin({ call: wait, script: { polls: [answers.running, answers.successful] } }, { pollInterval: 10_000 });
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
  const { sent } = await begin({ call: wait, script: { polls: [answers.running] } }, { signal, pollInterval: 60_000 });
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

const ASKED_TO_WAIT = {
  "the 202": MOMENTS["in a Retry-After of the 202"],
  "a running operation": MOMENTS["between polls, in a Retry-After"],
  "a failed poll": MOMENTS["in a Retry-After of a poll"],
  "a failed start": MOMENTS["in a Retry-After of the start"],
  "a list": MOMENTS["in a Retry-After of a list"],
};
for (const [name, moment] of Object.entries(ASKED_TO_WAIT)) {
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
  const script = { polls: [answers.runningPollLater, answers.successful] };
  const { call, sent } = await begin({ call: wait, script }, { pollInterval: 60_000 });
  await pass(19_999);
  await page.turnsTo("visible");
  assert.equal(sent(), 1);
  await pass(1);
  await page.turnsTo("visible");
  assert.deepEqual([call.state, sent()], ["resolved", 2]);
});

// --- Memory.

const ENDINGS = {
  "after pauses, retries and a time-out": {
    polls: [answers.running, answers.lost, answers.silence, answers.running, answers.successful],
    after: 60_000,
    state: "resolved",
  },
  "with a cancelled operation without an error": { polls: [answers.cancelled], after: 0, state: "rejected" },
  "with a token source that hangs": { polls: [], after: 300_000, state: "rejected", token: () => new Promise(() => {}) },
  "with a credential that hangs": { polls: [], after: 300_000, state: "rejected", token: { getToken: () => new Promise(() => {}) } },
  "with a failed operation": { polls: [answers.running, answers.failed], after: 10_000, state: "rejected" },
  "with responses that are not JSON": { polls: Array(400).fill(answers.noJson), after: 400_000, state: "rejected" },
  "with a callback that throws": { polls: [answers.running], after: 0, state: "rejected", throws: true },
  "with a token source that gives no token": { polls: [], after: 0, state: "rejected", token: () => 7 },
  "with a callback that rejects": { polls: [answers.running], after: 0, state: "rejected", rejects: true },
  "with callbacks that end later": { polls: [answers.running, answers.successful], after: 20_000, state: "resolved", isSlow: true },
};
for (const [name, { polls, after, state, token, throws, rejects, isSlow }] of Object.entries(ENDINGS)) {
  test(`calls that ended ${name} take no memory`, async () => {
    const { signal } = abortable();
    const onProgress = () => {
      if (throws) throw new Error("a bug of the caller");
      if (rejects) return Promise.reject(new Error("a bug of the caller"));
      if (isSlow) return new Promise((resolve) => setTimeout(resolve, 3_000));
    };
    const followOnce = async () => {
      const { call } = await begin({ call: wait, script: { polls } }, { signal, onProgress, ...(token && { token }) });
      await pass(after);
      assert.equal(call.state, state);
    };
    for (let time = 0; time < 50; time++) await followOnce();
    const before = taken();
    for (let time = 0; time < 400; time++) await followOnce();
    assert.deepEqual(taken(), before);
  });
}

// --- The customer.

function abortable() {
  const controller = new AbortController();
  const reason = new Error("enough");
  return { signal: controller.signal, reason, abort: () => controller.abort(reason) };
}

/** A token source that settles only when the test says so. */
function slowToken() {
  let asked = 0;
  const pending = [];
  const token = () => {
    asked += 1;
    return new Promise((resolve, reject) => pending.push({ resolve, reject }));
  };
  const release = () => pending.splice(0).forEach(({ resolve }) => resolve(TOKEN));
  const fail = (error) => pending.splice(0).forEach(({ reject }) => reject(error));
  return { token, release, fail, pending, asked: () => asked };
}

/**
 * Makes a call; `atOnce` is called before the next turn of the event loop.
 *
 * @param {Pick<Moment, "call"> & Partial<Moment> & { device?: string }} moment
 * @param {{ atOnce?: () => void } & Record<string, any>} options
 */
async function begin({ call: makeCall, hasSlowToken, isStarted, device = DEVICE, script = {} }, { atOnce, ...options }) {
  graph.expect(device, script);
  const { token, release, fail, asked } = slowToken();
  if (isStarted) assert.equal(await runDiagnostics(TOKEN, DEVICE, { fetch: graph.fetch }), LOCATION);
  const before = graph.sent;
  const given = { token: hasSlowToken ? token : TOKEN, fetch: graph.fetch, pollInterval: 10_000, ...options };
  const call = observed(makeCall === start ? runDiagnostics(given.token, device, given) : makeCall(given));
  atOnce?.();
  return { call, release, fail, asked, sent: () => graph.sent - before };
}

async function rejectsAfter(call, { after, code }) {
  if (after > 0) {
    await pass(after - 1);
    assert.equal(call.state, "pending", `after ${after - 1} ms`);
    await pass(1);
  }
  await turn();
  assert.equal(call.state, "rejected");
  assert.equal(call.reason.code, code);
}

/** Asserts that nothing is left, and that nothing is sent later, whatever happens. */
async function isOver({ signal, release = () => {}, asked = () => 0 }) {
  assert.deepEqual(live(signal), NOTHING);
  const before = [graph.sent, asked()];
  release();
  await page.turnsTo("visible");
  await page.isBackOnline();
  await pass(HOURS);
  assert.deepEqual([graph.sent, asked()], before, "asked again");
  assert.deepEqual(live(signal), NOTHING);
}
