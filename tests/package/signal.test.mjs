// Calls with the same signal share one listener, which is removed after the last call.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const listeners = (signal) => getEventListeners(signal, "abort").length;
const polled = (status) => Response.json({ value: { id: "o", operationType: "deviceDiagnostics", status } });
const never = () => new Promise(() => {});

// Loads the wasm, so that no test has to wait for that.
await getOperation("").catch(() => {});

/** Node's warnings during a test. */
function warnings(t) {
  const heard = [];
  const hear = (warning) => heard.push(warning.name);
  process.on("warning", hear);
  t.after(() => process.off("warning", hear));
  return heard;
}

for (const count of [11, 500]) {
  test(`${count} calls have one listener on their signal, and Node does not warn of a leak`, LIMIT, async (t) => {
    const heard = warnings(t);
    const controller = new AbortController();
    const { signal } = controller;
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const fetch = async () => {
      await held;
      return polled("Successful");
    };
    const calls = Array.from({ length: count }, (_, number) => getOperation(`${LOCATION}${number}`, { token: "t", fetch, signal }));
    await pause(1);
    assert.equal(listeners(signal), 1);
    release();
    assert.equal((await Promise.all(calls)).length, count);
    assert.equal(listeners(signal), 0);

    const reason = new Error("enough");
    const options = { token: "t", fetch: never, signal };
    const kinds = [
      () => runDiagnostics("t", "d", options),
      () => waitForOperation(LOCATION, options),
      () => listOperations("t", "d", options).next(),
    ];
    const open = Array.from({ length: count }, (_, number) => kinds[number % kinds.length]());
    await pause(1);
    assert.equal(listeners(signal), 1);
    controller.abort(reason);
    assert.deepEqual(
      new Set((await Promise.allSettled(open)).map((ending) => /** @type {PromiseRejectedResult} */ (ending).reason)),
      new Set([reason]),
    );
    assert.equal(listeners(signal), 0);
    await pause(1);
    assert.deepEqual(heard, []);
  });
}

test("when one call ends, the others keep the listener; two signals are independent", LIMIT, async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const until = (signal, fetch) => getOperation(LOCATION, { token: "t", fetch, signal });
  const open = until(first.signal, never);
  const other = until(second.signal, never);
  await until(first.signal, async () => polled("Successful"));
  assert.deepEqual([listeners(first.signal), listeners(second.signal)], [1, 1]);
  second.abort("second");
  await assert.rejects(other, (reason) => reason === "second");
  assert.deepEqual([listeners(first.signal), listeners(second.signal)], [1, 0]);
  first.abort("first");
  await assert.rejects(open, (reason) => reason === "first");
  assert.equal(listeners(first.signal), 0);
});

test("a call that begins during the abort event ends like the others", LIMIT, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const options = { token: "t", fetch: never, signal };
  const begun = [];
  // This is the first listener, so it is called before the package's.
  signal.addEventListener("abort", () => begun.push(getOperation(LOCATION, options)));
  begun.push(getOperation(LOCATION, options));
  await pause(1);
  controller.abort("enough");
  for (const call of begun) await assert.rejects(call, (reason) => reason === "enough");
  assert.deepEqual([begun.length, listeners(signal)], [2, 1]);
});

/** An AbortSignal of another implementation, such as a polyfill, with members missing. @param {{ reason?: unknown }} [options] */
function signalOfOthers({ reason } = {}) {
  const listeners = new Set();
  return partly({
    aborted: false,
    reason,
    listeners,
    addEventListener: (_type, listener) => listeners.add(listener),
    removeEventListener: (_type, listener) => listeners.delete(listener),
    abort() {
      this.aborted = true;
      for (const listener of listeners) listener();
    },
  });
}

/** A signal with only the members that the package needs. @template Members @param {Members} members */
const partly = (members) => /** @type {AbortSignal & Members} */ (members);

test("with signals without reasons, calls reject with an AbortError", LIMIT, async () => {
  const aborted = { ...signalOfOthers(), aborted: true };
  for (const makeCall of [
    () => getOperation(LOCATION, { token: "t", fetch: never, signal: aborted }),
    () => runDiagnostics("t", "d", { fetch: never, signal: aborted }),
  ]) {
    await assert.rejects(makeCall(), { name: "AbortError" });
  }
  const later = signalOfOthers();
  const call = getOperation(LOCATION, { token: "t", fetch: never, signal: later });
  await pause(1);
  assert.equal(later.listeners.size, 1);
  later.abort();
  await assert.rejects(call, (error) => error instanceof DOMException && error.name === "AbortError");
  assert.equal(later.listeners.size, 0);
  const withReason = signalOfOthers({ reason: "enough" });
  const other = getOperation(LOCATION, { token: "t", fetch: never, signal: withReason });
  await pause(1);
  withReason.abort();
  await assert.rejects(other, (reason) => reason === "enough");
});

test("a signal whose listener cannot be removed fails no call", LIMIT, async () => {
  const stubborn = {
    ...signalOfOthers(),
    removeEventListener() {
      throw new Error("of the signal");
    },
  };
  const fetch = async () => polled("Successful");
  for (let time = 0; time < 2; time++)
    assert.equal((await getOperation(LOCATION, { token: "t", fetch, signal: stubborn })).status, "Successful");
  assert.equal((await getOperation(LOCATION, { token: "t", fetch })).status, "Successful");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const other = getOperation(LOCATION, { token: "t", fetch: () => held });
  stubborn.abort();
  release(polled("Successful"));
  assert.equal((await other).status, "Successful");
});

test("a signal that fires without being aborted, or during addEventListener, ends the call with a reason", LIMIT, async () => {
  const odd = (aborted, addEventListener) => partly({ aborted, addEventListener, removeEventListener() {} });
  const firing = odd(false, (_, listener) => setTimeout(listener, 5));
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: never, signal: firing }), { name: "AbortError" });
  const late = odd(false, () => (late.aborted = true));
  const reason = new Error("enough");
  const fetch = () => assert.fail("nothing is sent");
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, signal: Object.assign(late, { reason }) }), reason);
});
