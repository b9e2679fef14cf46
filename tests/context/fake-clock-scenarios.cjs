// Scenarios for calls while timers and clocks are faked, with any tool.
const assert = require("node:assert/strict");
const { BASE, DAY, HOUR, accepted, polled, refuse, service, silence, watched } = require("./fake-service.cjs");

const real = { setTimeout, clearTimeout, setImmediate, now: performance.now.bind(performance) };
/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => real.setTimeout(resolve, ms));

// Counts the real timers of the calls, but not those of the test runner.
const set = new Set();
// @ts-expect-error: Node's function also has a form for promises, which is not used here
globalThis.setTimeout = (callback, delay) => {
  const timer = real.setTimeout(() => {
    set.delete(timer);
    callback();
  }, delay);
  set.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  set.delete(timer);
  real.clearTimeout(timer);
};
const liveTimers = () => set.size;

/**
 * @typedef {typeof import("teams-device-diagnostics")} Api
 * @typedef {import("./fake-service.cjs").Watched} Watched
 *
 * @typedef {object} Clock
 * @property {() => void} fake
 * @property {() => void} unfake
 * @property {(ms: number) => Promise<void>} tick
 * @property {() => number} count the timers that have not fired
 */

/**
 * @param {Api} warm the package, with its wasm loaded
 * @param {() => Promise<Api>} cold imports another copy, whose wasm is not loaded yet
 * @param {Clock} clock
 * @returns {Record<string, () => Promise<void>>}
 */
function scenarios(warm, cold, clock) {
  /** Lets all pending jobs run. */
  const turn = () => new Promise((resolve) => real.setImmediate(resolve));
  /** @param {Watched} seen */
  const settled = async (seen) => {
    for (let turns = 0; turns < 100 && seen.state === "pending"; turns++) await turn();
  };

  /** Advances the clock until the call has ended; resolves to the time that this took. @param {Watched} seen @param {number} most */
  async function advance(seen, most, step = 1_000) {
    let took = 0;
    for (; seen.state === "pending" && took < most; took += step) await clock.tick(step);
    return took;
  }

  /** @param {Api} copy */
  async function goesByTheFakeClock({ runDiagnostics, waitForOperation }) {
    const responses = [
      refuse(503),
      refuse(429, { "retry-after": "40" }),
      accepted,
      polled("Queued"),
      refuse(503),
      polled("InProgress"),
      polled("Successful"),
    ];
    const fetch = service(...responses);
    clock.fake();
    /** @type {string[]} */
    const events = [];
    /** @param {import("teams-device-diagnostics").ProgressEvent} event */
    const onProgress = async ({ type }) => void events.push(type);
    const job = async () => waitForOperation(await runDiagnostics(async () => "token", "d", { fetch, onProgress }), { onProgress });
    const seen = watched(job());
    // Loading the wasm takes real time, not that of the fake clock.
    for (const end = real.now() + 10_000; fetch.sent === 0 && real.now() < end; ) await turn();
    const took = await advance(seen, HOUR);
    assert.equal(seen.value?.status, "Successful", String(seen.reason));
    assert.ok(took >= 44_000 && took <= 60_000, `${took} ms`);
    assert.deepEqual(events, ["retry", "throttled", "started", "status", "retry", "status", "status"]);
    assert.equal(clock.count(), 0);
  }

  return {
    "a call goes by the fake clock": () => goesByTheFakeClock(warm),

    async "so does one that loads the wasm, and later ones go by the real clock"() {
      const copy = await cold();
      await goesByTheFakeClock(copy);
      clock.unfake();
      const seen = watched(copy.getOperation(`${BASE}/o`, { token: "t", fetch: service(polled("Queued")) }));
      await settled(seen);
      assert.equal(seen.value?.status, "Queued", seen.state);
    },

    async "an abort ends a call at once, with the reason and without a timer"() {
      clock.fake();
      const controller = new AbortController();
      const fetch = service(polled("Queued"));
      const seen = watched(warm.waitForOperation(`${BASE}/o`, { token: "t", fetch, signal: controller.signal, pollInterval: HOUR / 2 }));
      await clock.tick(5_000);
      assert.equal(seen.state, "pending");
      controller.abort("enough");
      await settled(seen);
      assert.equal(seen.reason, "enough");
      assert.equal(clock.count(), 0);
      await clock.tick(HOUR);
      assert.equal(fetch.sent, 1);
    },

    async "options.timeout is honoured"() {
      clock.fake();
      const seen = watched(warm.getOperation(`${BASE}/o`, { token: "t", fetch: silence(), timeout: 5_000, maxRetries: 0 }));
      await clock.tick(4_000);
      assert.equal(seen.state, "pending");
      await clock.tick(1_500);
      await settled(seen);
      assert.equal(seen.reason?.code, "timeout");
      assert.equal(clock.count(), 0);
    },

    async "operationTimeout of an hour ends after an hour"() {
      clock.fake();
      const fetch = service(polled("InProgress"));
      const seen = watched(warm.waitForOperation(`${BASE}/o`, { token: "t", fetch, operationTimeout: HOUR, pollInterval: 60_000 }));
      const took = await advance(seen, 2 * HOUR, 30_000);
      assert.equal(seen.reason?.code, "operationTimeout");
      assert.ok(Math.abs(took - HOUR) <= 30_000, `${took} ms`);
      assert.ok(Math.abs(fetch.sent - 60) <= 2, `${fetch.sent} polls`);
      assert.equal(clock.count(), 0);
    },

    async "operationTimeout ends the wait for an onProgress that never settles"() {
      clock.fake();
      const options = { token: "t", fetch: service(polled("Successful")), operationTimeout: HOUR, onProgress: () => new Promise(() => {}) };
      const seen = watched(warm.waitForOperation(`${BASE}/o`, options));
      const took = await advance(seen, 2 * HOUR, 30_000);
      assert.equal(seen.value?.status, "Successful", String(seen.reason ?? seen.state));
      assert.ok(Math.abs(took - HOUR) <= 30_000, `${took} ms`);
      assert.equal(clock.count(), 0);
    },

    async "waits that are longer than any timer take one timer after the other"() {
      clock.fake();
      /** @type {number[]} */
      const delays = [];
      const faked = globalThis.setTimeout;
      // @ts-expect-error: Node's function also has a form for promises, which is not used here
      globalThis.setTimeout = (run, delay) => {
        delays.push(delay);
        return faked(run, delay);
      };
      try {
        const limits = { token: "t", timeout: 200 * DAY, operationTimeout: 60 * DAY };
        const silent = watched(warm.getOperation(`${BASE}/o`, { ...limits, fetch: silence() }));
        const fetch = service(polled("Queued", { "retry-after": String(40 * 86_400) }), polled("Successful"));
        const patient = watched(warm.waitForOperation(`${BASE}/o`, { ...limits, fetch }));
        const withCallback = { ...limits, fetch: service(polled("Successful")), onProgress: () => new Promise(() => {}) };
        const callback = watched(warm.waitForOperation(`${BASE}/o`, withCallback));
        /** @param {number} day */
        const until = async (day) => {
          for (; today < day; today++) await clock.tick(DAY);
          for (const seen of [silent, patient, callback]) await settled(seen);
          return [silent.state, patient.state, callback.state];
        };
        let today = 0;
        assert.deepEqual(await until(39), ["pending", "pending", "pending"]);
        assert.equal(fetch.sent, 1);
        assert.deepEqual(await until(41), ["pending", "resolved", "pending"]);
        assert.deepEqual(await until(59), ["pending", "resolved", "pending"]);
        assert.deepEqual(await until(61), ["rejected", "resolved", "resolved"]);
        assert.equal(silent.reason.code, "operationTimeout");
        assert.ok(
          delays.every((delay) => delay <= 2 ** 31 - 1),
          String(delays),
        );
        assert.ok(delays.includes(2 ** 31 - 1));
      } finally {
        globalThis.setTimeout = faked;
      }
      assert.equal(clock.count(), 0);
    },

    async "once the real timers are back, calls work at once"() {
      const before = liveTimers();
      clock.fake();
      const controller = new AbortController();
      const options = { token: "t", fetch: service(polled("Queued")), pollInterval: 60_000, signal: controller.signal };
      const left = watched(warm.waitForOperation(`${BASE}/o`, options));
      await clock.tick(1_000);
      clock.unfake();
      const began = real.now();
      const fetch = service(refuse(503, { "retry-after": "0.05" }), polled("Queued"), polled("Successful"));
      const operation = await warm.waitForOperation(`${BASE}/o`, { token: "t", fetch, pollInterval: 20 });
      assert.equal(operation.status, "Successful");
      const took = real.now() - began;
      assert.ok(took >= 65 && took < 5_000, `${took} ms`);
      // The fake clock has taken the timer of the earlier call along; the call can still be aborted.
      controller.abort("enough");
      await settled(left);
      assert.equal(left.reason, "enough");
      assert.equal(liveTimers(), before);
    },

    async "a call that began with real timers ends while they are faked, and leaves none"() {
      const before = liveTimers();
      let respond = () => {};
      /** @type {any} */
      const fetch = () => new Promise((resolve) => (respond = () => resolve(polled("Successful")())));
      const seen = watched(warm.waitForOperation(`${BASE}/o`, { token: "t", fetch }));
      await pause(10);
      assert.equal(liveTimers(), before + 1);
      clock.fake();
      respond();
      await settled(seen);
      assert.equal(seen.value?.status, "Successful", String(seen.reason));
      assert.equal(clock.count(), 0);
      clock.unfake();
      assert.equal(liveTimers(), before);
    },
  };
}

/** With only `Date` faked. @param {Api} copy @param {number} unixTime the faked date */
async function goesByTheRealClock({ runDiagnostics, waitForOperation }, unixTime) {
  const date = new Date(unixTime + 2_000).toUTCString();
  const fetch = service(
    refuse(503, { "retry-after": date }),
    accepted,
    polled("Queued"),
    refuse(429, { "retry-after": "0.1" }),
    polled("Successful"),
  );
  const began = real.now();
  const location = await runDiagnostics(async () => "token", "d", { fetch });
  const operation = await waitForOperation(location, { pollInterval: 30 });
  assert.equal(operation.status, "Successful");
  const took = real.now() - began;
  assert.ok(took >= 1_100 && took < 20_000, `${took} ms`);
}

module.exports = { goesByTheRealClock, scenarios };
