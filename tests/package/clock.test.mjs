// Test tools replace clocks and timers. If a replacement throws, only the call that used it ends.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const polled = (status) => Response.json({ value: { id: "o", operationType: "deviceDiagnostics", status } });
const works = (options) => getOperation(LOCATION, { token: "t", fetch: async () => polled("Successful"), ...options });
const thrown = new Error("of the test tool");

const real = { now: performance.now, unixTime: Date.now, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
const replace = {
  "performance.now": (replacement) => (performance.now = replacement),
  "Date.now": (replacement) => (Date.now = replacement),
  setTimeout: (replacement) => (globalThis.setTimeout = replacement),
};
function putBack() {
  performance.now = real.now;
  Date.now = real.unixTime;
  Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
}
afterEach(putBack);

// Loads the wasm, so that no test has to wait for that.
await works();

/** Begins other calls of the same instance; the returned function resolves when all have succeeded. */
async function bystanders() {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const calls = [
    getOperation(LOCATION, { token: "t", fetch: async () => held.then(() => polled("Successful")) }),
    getOperation(LOCATION, { token: () => held.then(() => "t"), fetch: async () => polled("Successful") }),
  ];
  await pause(5);
  return async () => {
    release();
    for (const { status } of await Promise.all(calls)) assert.equal(status, "Successful");
  };
}

const CALLS = {
  runDiagnostics: (options) => runDiagnostics("t", "d", options),
  waitForOperation: (options) => waitForOperation(LOCATION, options),
  getOperation: (options) => getOperation(LOCATION, options),
  listOperations: (options) => listOperations("t", "d", options).next(),
};

for (const [what, put] of Object.entries(replace)) {
  test(`${what} throws: each call rejects with that, and those under way go on`, LIMIT, async () => {
    const goOn = await bystanders();
    for (const [name, call] of Object.entries(CALLS)) {
      put(() => {
        throw thrown;
      });
      const sent = [];
      const fetch = async (url) => {
        sent.push(url);
        return polled("Successful");
      };
      const ending = await call({ token: "t", fetch }).then(
        () => "resolved",
        (reason) => reason,
      );
      putBack();
      assert.equal(ending, thrown, name);
      assert.deepEqual(sent, []);
    }
    assert.equal((await works()).status, "Successful");
    await goOn();
  });

  test(`if ${what} throws during a call, at any moment, no other call ends`, LIMIT, async () => {
    // The call uses a credential, because the age of its token is checked, and has a pause.
    const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: real.unixTime() + 3_600_000 }) };
    let failures = 0;
    for (let moment = 1; ; moment++) {
      const goOn = await bystanders();
      let uses = 0;
      const own = { "performance.now": () => real.now.call(performance), "Date.now": real.unixTime, setTimeout: real.setTimeout }[what];
      const statuses = ["InProgress", "Successful"];
      // Restored before it throws, so that only this call is affected.
      put((...given) => {
        if (++uses < moment) return own(...given);
        putBack();
        throw thrown;
      });
      const fetch = async () => polled(statuses.shift());
      const ending = await waitForOperation(LOCATION, { token: credential, fetch, pollInterval: 1 }).then(
        ({ status }) => status,
        (reason) => reason,
      );
      const wasUsed = uses >= moment;
      putBack();
      assert.ok(ending === thrown || ending === "Successful", `${moment}: ${ending}`);
      if (ending === thrown) failures += 1;
      await goOn();
      if (!wasUsed) break;
    }
    assert.ok(failures > 2, String(failures));
  });
}

test("if clearTimeout throws, only its own call ends, with that error", LIMIT, async () => {
  const goOn = await bystanders();
  globalThis.clearTimeout = () => {
    throw thrown;
  };
  await assert.rejects(works({ timeout: 200 }), (error) => error === thrown);
  putBack();
  assert.equal((await works()).status, "Successful");
  // The timer that could not be cleared fires, and has no effect.
  await pause(250);
  await goOn();
});
