// Test tools replace timers and clocks. If a replacement throws, only the call that used it ends, with the same error. Other calls of the
// same instance go on.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import { getOperation, waitForOperation } from "../../pkg/dist/index.js";
import { BASE, polled, service, watched } from "./fake-service.cjs";

const LIMIT = { timeout: 20_000 };
/** The replaced functions, each as an object and the name of its member. @type {Record<string, [object: any, key: string]>} */
const REPLACED = {
  setTimeout: [globalThis, "setTimeout"],
  clearTimeout: [globalThis, "clearTimeout"],
  "performance.now": [performance, "now"],
  "Date.now": [Date, "now"],
  "Math.random": [Math, "random"],
};
const thrown = new RangeError("thrown by a replacement");
const { setTimeout } = globalThis;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const liveTimers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

await getOperation("").catch(() => {});

/** The replaced function fails only in this context. */
const context = new AsyncLocalStorage();
const inBroken = (run) => context.run("broken", run);

/**
 * Replaces a function during the test: in the broken context it fails from the use with the number `first` on.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} name
 * @param {number} first
 * @param {(...args: any[]) => unknown} fail
 */
function replace(
  t,
  name,
  first,
  fail = () => {
    throw thrown;
  },
) {
  const [object, key] = REPLACED[name];
  const original = object[key];
  const failed = [];
  let uses = 0;
  object[key] = function (...args) {
    if (context.getStore() !== "broken" || ++uses < first) return Reflect.apply(original, this, args);
    failed.push(args[0]);
    return fail(...args);
  };
  t.after(() => {
    object[key] = original;
    // These timers would keep the process alive.
    if (name === "clearTimeout") failed.forEach(original);
  });
}

async function ended(seen) {
  for (let turns = 0; turns < 1_000 && seen.state === "pending"; turns++) await pause(5);
  return seen;
}

const token = async () => "token";
const polls = () => service(polled("Queued"), polled("InProgress"), polled("InProgress"), polled("Successful"));
const wait = (options) => waitForOperation(`${BASE}/o`, { token, fetch: polls(), pollInterval: 10, ...options });
const works = async () => assert.equal((await wait()).status, "Successful");

for (const name of Object.keys(REPLACED)) {
  describe(`${name} that throws`, () => {
    for (const first of [1, 2, 3, 4, 5, 6, 7, 8]) {
      test(`from its use number ${first} on`, LIMIT, async (t) => {
        const before = liveTimers();
        const other = wait();
        replace(t, name, first);
        const seen = await ended(inBroken(() => watched(wait({ onProgress: () => {} }))));
        assert.equal(seen.reason, thrown, seen.state);
        await works();
        assert.equal((await other).status, "Successful");
        if (name !== "clearTimeout") assert.equal(liveTimers(), before);
      });
    }
  });
}

test("if clearTimeout throws when a call is aborted, no call fails, and the timer does nothing when it fires", LIMIT, async (t) => {
  const controller = new AbortController();
  replace(t, "clearTimeout", 1);
  const seen = watched(wait({ pollInterval: 200, signal: controller.signal }));
  const other = watched(wait({ pollInterval: 150 }));
  await pause(50);
  inBroken(() => controller.abort("enough"));
  await works();
  assert.equal((await ended(seen)).reason, "enough");
  assert.equal((await ended(other)).value?.status, "Successful", String(other.reason));
});

test("a setTimeout that calls back at once ends only the wait", LIMIT, async (t) => {
  replace(t, "setTimeout", 1, (callback) => callback());
  const seen = await ended(inBroken(() => watched(wait({ timeout: 1_000, maxRetries: 0 }))));
  assert.match(seen.reason?.code, /^(unauthorized|timeout)$/);
  await works();
});

test("a setTimeout that throws while onProgress is awaited ends the call", LIMIT, async (t) => {
  const fetch = service(polled("Successful"));
  // The first two are for the token and the request.
  replace(t, "setTimeout", 3);
  const seen = await ended(inBroken(() => watched(wait({ fetch, onProgress: () => new Promise(() => {}) }))));
  assert.equal(seen.reason, thrown, seen.state);
  await works();
});

for (const name of ["performance.now", "Date.now", "Math.random"]) {
  for (const strange of [undefined, NaN, 1n, "1", {}]) {
    test(`${name} that gives ${typeof strange} ${String(strange)} ends the call, and says why`, LIMIT, async (t) => {
      replace(t, name, 3, () => strange);
      const seen = await ended(inBroken(() => watched(wait())));
      assert.ok(seen.reason instanceof TypeError, String(seen.reason));
      assert.match(seen.reason.message, /clock gave no number/);
      await works();
    });
  }
}

test("a timer of a setTimeout that throws all the same has no effect", LIMIT, async (t) => {
  replace(t, "setTimeout", 1, (callback) => {
    setTimeout(callback, 10);
    throw thrown;
  });
  const other = wait({ pollInterval: 30 });
  const seen = await ended(inBroken(() => watched(wait())));
  assert.equal(seen.reason, thrown, seen.state);
  assert.equal((await other).status, "Successful");
});

test("if Date.now throws while a credential's token is checked, no other call fails", LIMIT, async () => {
  let tokenRequests = 0;
  const credential = { getToken: async () => ({ token: `token${++tokenRequests}`, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  await wait({ token: credential });
  for (const first of [1, 2, 3, 4, 5]) {
    const { now } = Date;
    let uses = 0;
    Date.now = () => {
      if (++uses === first) throw thrown;
      return Reflect.apply(now, Date, []);
    };
    const seen = watched(wait({ token: credential }));
    Date.now = now;
    await works();
    await ended(seen);
    assert.ok(seen.reason === thrown || seen.value?.status === "Successful", `${first}: ${seen.reason}`);
  }
});

test("an AbortController whose signal cannot be read ends the call", LIMIT, async (t) => {
  const { signal } = Object.getOwnPropertyDescriptors(AbortController.prototype);
  t.after(() => Object.defineProperties(AbortController.prototype, { signal }));
  const other = wait();
  Object.defineProperty(AbortController.prototype, "signal", {
    configurable: true,
    get() {
      if (context.getStore() === "broken") throw thrown;
      return signal.get?.call(this);
    },
  });
  const seen = await ended(inBroken(() => watched(wait())));
  assert.equal(seen.reason, thrown, seen.state);
  assert.equal((await other).status, "Successful");
});

test("nothing is left", LIMIT, async () => {
  const before = liveTimers();
  await works();
  assert.equal(liveTimers(), before);
});
