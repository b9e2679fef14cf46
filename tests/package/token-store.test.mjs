// What the built package remembers with a location: its token source, and the earliest time of the next poll.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const DEVICES = "https://graph.microsoft.com/beta/teamwork/devices";
const operation = (status) => ({ id: "o", operationType: "deviceDiagnostics", status, createdDateTime: new Date().toISOString() });
const poll = (status, headers) => Response.json({ value: operation(status) }, { headers });
const rejection = (call) =>
  call.then(
    (value) => assert.fail(`resolved to ${value}`),
    (reason) => reason,
  );

let count = 0;
/**
 * A new device at a Graph that accepts each start, or responds that an operation is queued already.
 *
 * @param {{ isQueued?: () => boolean, respond?: (number: number) => Response }} [options] `number` counts the polls
 */
function device({ isQueued = () => false, respond = () => poll("Successful") } = {}) {
  const id = `d${++count}`;
  const location = `${DEVICES}/${id}/operations/o`;
  const sent = [];
  let polls = 0;
  const fetch = asFetch(async (url, { method, headers }) => {
    sent.push({ method, at: performance.now(), token: headers.authorization.replace("Bearer ", "") });
    if (url.endsWith("/operations")) return Response.json({ value: [operation("Queued")] });
    if (method === "GET") return respond((polls += 1));
    return isQueued()
      ? new Response(null, { status: 409 })
      : new Response(null, { status: 202, headers: { location: `/teamwork/devices/${id}/operations/o` } });
  });
  return { id, location, sent, fetch };
}

// --- The token source.

test("with rememberToken: false a location needs options.token, and still knows its service", LIMIT, async () => {
  const { id, sent, fetch } = device();
  const options = { fetch, baseUrl: "https://proxy.example/graph/beta" };
  const location = await runDiagnostics("mine", id, { ...options, rememberToken: false });
  for (const call of [waitForOperation, getOperation]) {
    const error = await rejection(call(location));
    assert.deepEqual([error.code, error.location], ["missingToken", location]);
    assert.match(error.hint, /options\.token/);
  }
  assert.equal(sent.length, 1, "nothing is sent without a token");
  assert.equal((await waitForOperation(location, { token: "other", fetch })).status, "Successful");
  assert.equal(sent[1].token, "other");
});

test("the fetch of a start does not get the token of another caller", LIMIT, async () => {
  const { id, sent, fetch } = device();
  const location = await runDiagnostics("of-a", id, { fetch });
  const own = [];
  const other = asFetch(async (url, init) => {
    own.push(init.headers.authorization);
    return fetch(url, init);
  });
  await waitForOperation(location, { token: "of-b", fetch: other });
  assert.deepEqual([own, sent.length], [["Bearer of-b"], 2]);
});

test("starts with and without rememberToken count as different token sources", LIMIT, async () => {
  let isQueued = false;
  const { id, location, fetch } = device({ isQueued: () => isQueued });
  await runDiagnostics("of-a", id, { fetch, rememberToken: false });
  isQueued = true;
  await runDiagnostics("of-b", id, { fetch, onConflict: "attach" });
  assert.equal((await rejection(waitForOperation(location))).code, "missingToken");
});

test("rememberToken is true by default, and must be a boolean", LIMIT, async () => {
  const { id, fetch } = device();
  for (const rememberToken of [true, undefined]) {
    assert.equal((await waitForOperation(await runDiagnostics("mine", id, { fetch, rememberToken }))).status, "Successful");
  }
  for (const rememberToken of /** @type {any[]} */ ([null, 0, "false", {}])) {
    const error = await rejection(runDiagnostics("mine", id, { fetch, rememberToken }));
    assert.deepEqual([error.code, error.message], ["invalidArgument", "options.rememberToken must be true or false"]);
  }
});

test("if two users started an operation or attached to it, neither waits with the token of the other", LIMIT, async () => {
  for (const onConflict of /** @type {const} */ (["attach", "throw"])) {
    let isQueued = false;
    const { id, location, sent, fetch } = device({ isQueued: () => isQueued });
    await runDiagnostics("of-a", id, { fetch });
    isQueued = true;
    await runDiagnostics("of-b", id, { fetch, onConflict }).catch(({ location: queued }) => assert.equal(queued, location));
    const before = sent.length;
    for (const call of [waitForOperation, getOperation]) {
      const error = await rejection(call(location));
      assert.deepEqual([error.code, error.location], ["missingToken", location]);
      assert.match(error.hint, /options\.token.*several token sources/i);
    }
    assert.equal(sent.length, before, "nothing is sent without a token");
    // After a third start there are still different sources.
    await runDiagnostics("of-b", id, { fetch, onConflict: "attach" });
    assert.equal((await rejection(waitForOperation(location))).code, "missingToken");
    assert.equal((await waitForOperation(location, { token: "of-a", fetch })).status, "Successful");
    assert.equal(sent.at(-1).token, "of-a");
  }
});

test("the same text, function or credential is one token source, however often it starts", LIMIT, async () => {
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  for (const source of ["t", () => "t", credential]) {
    let isQueued = false;
    const { id, location, fetch } = device({ isQueued: () => isQueued });
    await runDiagnostics(source, id, { fetch });
    isQueued = true;
    assert.equal(await runDiagnostics(source, id, { fetch, onConflict: "attach" }), location);
    assert.equal((await waitForOperation(location)).status, "Successful");
  }
  // Different functions are different sources, even with the same result.
  let isQueued = false;
  const { id, location, fetch } = device({ isQueued: () => isQueued });
  await runDiagnostics(() => "t", id, { fetch });
  isQueued = true;
  await runDiagnostics(() => "t", id, { fetch, onConflict: "attach" });
  assert.equal((await rejection(waitForOperation(location))).code, "missingToken");
});

test("after a start with rememberToken: false, the token of an earlier start is not used", LIMIT, async () => {
  let isQueued = false;
  const { id, location, fetch } = device({ isQueued: () => isQueued });
  await runDiagnostics("of-a", id, { fetch });
  isQueued = true;
  await runDiagnostics("of-b", id, { fetch, onConflict: "attach", rememberToken: false });
  assert.equal((await rejection(waitForOperation(location))).code, "missingToken");
});

test("an ended operation is forgotten, with all its token sources", LIMIT, async () => {
  let isQueued = false;
  const { id, location, fetch } = device({ isQueued: () => isQueued });
  await runDiagnostics("of-a", id, { fetch });
  isQueued = true;
  await runDiagnostics("of-b", id, { fetch, onConflict: "attach" });
  await waitForOperation(location, { token: "of-a", fetch });
  isQueued = false;
  await runDiagnostics("of-c", id, { fetch });
  assert.equal((await waitForOperation(location)).status, "Successful");
});

// --- The earliest time of the next poll.

const AFTER = { "retry-after": "0.5" };
const refused = (status) => new Response(null, { status, headers: AFTER });
const FIRST_RESPONSES = {
  "a 200 of an operation that runs": () => poll("InProgress", AFTER),
  "a 202": () => new Response(null, { status: 202, headers: AFTER }),
  "a 429": () => refused(429),
  "a 503": () => refused(503),
};
// The ways in which a wait ends early. Each gets the wait and its options.
const ENDS = {
  "an abort": (wait, options) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    return wait({ ...options, signal: controller.signal });
  },
  "a callback that throws": (wait, options) =>
    wait({
      ...options,
      onProgress: () => {
        throw new Error("of the caller");
      },
    }),
  operationTimeout: (wait, options) => wait({ ...options, operationTimeout: 200 }),
};

for (const [first, firstResponse] of Object.entries(FIRST_RESPONSES)) {
  for (const [end, endEarly] of Object.entries(ENDS)) {
    test(`after ${end}, the next wait respects the Retry-After of ${first}`, LIMIT, async () => {
      for (const isStartedHere of [true, false]) {
        const { id, location, sent, fetch } = device({ respond: (number) => (number === 1 ? firstResponse() : poll("Successful")) });
        if (isStartedHere) await runDiagnostics("t", id, { fetch });
        const options = { fetch, pollInterval: 1, ...(isStartedHere ? {} : { token: "t" }) };
        await rejection(endEarly((given) => waitForOperation(location, given), options));
        assert.equal((await waitForOperation(location, options)).status, "Successful");
        const polls = sent.filter(({ method }) => method === "GET");
        assert.equal(polls.length, 2);
        assert.ok(polls[1].at - polls[0].at >= 495, `after ${polls[1].at - polls[0].at} ms`);
      }
    });
  }
}

test("the next wait respects the Retry-After of the error that ended a wait, also with another token", LIMIT, async () => {
  const { location, sent, fetch } = device({
    respond: (number) => (number === 1 ? new Response(null, { status: 403, headers: AFTER }) : poll("Successful")),
  });
  assert.equal((await rejection(waitForOperation(location, { token: "of-a", fetch }))).code, "forbidden");
  await waitForOperation(location, { token: "of-b", fetch });
  assert.ok(sent[1].at - sent[0].at >= 495);
});

test("the Retry-After of a single poll is remembered too, but a single poll does not wait", LIMIT, async () => {
  const { location, sent, fetch } = device({
    respond: (number) => poll(number < 3 ? "InProgress" : "Successful", number === 1 ? AFTER : {}),
  });
  const options = { token: "t", fetch };
  await getOperation(location, options);
  await getOperation(location, options);
  assert.ok(sent[1].at - sent[0].at < 400, "at once");
  await waitForOperation(location, options);
  assert.ok(sent[2].at - sent[0].at >= 495, "the later response has no Retry-After, which does not take it back");
});

test("a wait that cannot poll before operationTimeout rejects at once, and keeps the time", LIMIT, async () => {
  const { location, sent, fetch } = device({ respond: () => poll("InProgress", { "retry-after": "60" }) });
  const options = { token: "t", fetch, operationTimeout: 5_000 };
  for (let time = 0; time < 2; time++) {
    const error = await rejection(waitForOperation(location, options));
    assert.deepEqual([error.code, error.location], ["operationTimeout", location]);
    assert.ok(error.retryAfterMs > 55_000);
  }
  assert.equal(sent.length, 1);
});

test("a location that is only waited for is not remembered with its token", LIMIT, async () => {
  const { location, fetch } = device({ respond: () => poll("InProgress", AFTER) });
  await getOperation(location, { token: "t", fetch });
  const error = await rejection(waitForOperation(location));
  assert.deepEqual([error.code, error.message], ["missingToken", "No token is known for this location"]);
});

test("times are remembered for the last 10,000 locations only", LIMIT, async () => {
  const { location, sent, fetch } = device({ respond: () => poll("InProgress", { "retry-after": "600" }) });
  const options = { token: "t", fetch };
  await getOperation(location, options);
  for (let other = 0; other < 10_000; other++) await getOperation(`${location}-${other}`, options);
  const controller = new AbortController();
  const before = sent.length;
  const waiting = waitForOperation(location, { ...options, signal: controller.signal });
  await pause(20);
  controller.abort();
  await rejection(waiting);
  assert.equal(sent.length, before + 1, "the oldest is forgotten");
});
