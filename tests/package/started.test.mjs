// No started run is lost. After the 202, runDiagnostics of the built package resolves with the location, whatever callbacks and the signal
// do. An abort while the response to the POST is awaited emits an event that a run may be under way.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { getOperation, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const DEVICE = "https://graph.microsoft.com/beta/teamwork/devices/d";
const LOCATION = `${DEVICE}/operations/o`;
const thrown = new Error("a bug of the caller");
const reason = new Error("enough");
const never = () => new Promise(() => {});
const run = (status) => ({
  id: "o",
  operationType: "deviceDiagnostics",
  status,
  createdDateTime: new Date().toISOString(),
  createdBy: { user: { displayName: "Adele" } },
});
const accepted = () => new Response(null, { status: 202, headers: { location: LOCATION } });

/**
 * A Graph with the given response to the POST, which lists the run. It records the methods of its requests.
 *
 * @typedef {(signal: AbortSignal) => any} Post
 *
 * @param {Post} post
 * @param {() => any} list
 */
function graph(post = accepted, list = () => Response.json({ value: [run("Queued")] })) {
  const sent = [];
  const fetch = asFetch(async (url, { method, signal }) => {
    sent.push(method);
    if (method === "POST") return post(signal);
    return url.endsWith("/operations") ? list() : Response.json({ value: run("Successful") });
  });
  return { sent, fetch };
}

const lost = () => {
  throw new TypeError("fetch failed");
};
const WAYS = {
  started: { post: accepted },
  "started, recovered": { post: lost },
  attached: { post: () => new Response(null, { status: 409 }), onConflict: "attach" },
};

// Loads the wasm, so that no test has to wait for that.
await getOperation("").catch(() => {});

const reported = [];
beforeEach(() => {
  globalThis.reportError = (failure) => reported.push(failure);
});
afterEach(async () => {
  Reflect.deleteProperty(globalThis, "reportError");
  await pause(5);
  assert.deepEqual(reported.splice(0), [], "reported, and not expected");
});

/** The reported errors, after all pending jobs have run. */
async function allReported() {
  await pause(10);
  return reported.splice(0);
}

for (const [way, { post, ...options }] of Object.entries(WAYS)) {
  const start = (onProgress, more) => runDiagnostics("t", "d", { ...options, ...graph(post), onProgress, ...more });

  test(`a callback that throws or rejects when the run has ${way} does not lose its location, and is reported`, LIMIT, async () => {
    const throws = () => {
      throw thrown;
    };
    const rejects = async () => {
      throw thrown;
    };
    const rejectsLater = async () => {
      await pause(20);
      throw thrown;
    };
    for (const onProgress of [throws, rejects, rejectsLater, () => ({ then: throws })]) {
      assert.equal(await start(onProgress), LOCATION);
      assert.deepEqual(await allReported(), [thrown]);
    }
    assert.equal((await waitForOperation(LOCATION)).status, "Successful");
  });

  test(`an abort when the run has ${way} does not lose its location, and ends the wait for callbacks`, LIMIT, async () => {
    const controllers = [];
    const abortIn = (rest) => (event) => {
      controllers.at(-1).abort(reason);
      return rest(event);
    };
    for (const onProgress of [
      abortIn(() => {}),
      abortIn(never),
      abortIn(async () => {
        throw thrown;
      }),
      abortIn(() => {
        throw thrown;
      }),
    ]) {
      controllers.push(new AbortController());
      const { signal } = controllers.at(-1);
      assert.equal(await start(onProgress, { signal }), LOCATION);
      assert.equal(getEventListeners(signal, "abort").length, 0);
    }
    assert.deepEqual(await allReported(), [thrown, thrown]);
    const controller = new AbortController();
    const call = start(never, { signal: controller.signal });
    await pause(way === "started, recovered" ? 1_100 : 20);
    controller.abort(reason);
    assert.equal(await call, LOCATION);
    assert.equal((await waitForOperation(LOCATION)).status, "Successful");
  });
}

test("an earlier callback that rejects after the 202 does not lose the location either", LIMIT, async () => {
  let count = 0;
  const post = () => (++count === 1 ? new Response(null, { status: 429, headers: { "retry-after": "0" } }) : accepted());
  let reject;
  const onProgress = ({ type }) => {
    if (type === "throttled") return new Promise((_, rejectLater) => (reject = rejectLater));
    setTimeout(() => reject(thrown), 10);
  };
  assert.equal(await runDiagnostics("t", "d", { ...graph(post), onProgress }), LOCATION);
  assert.deepEqual(await allReported(), [thrown]);
});

test("without reportError the error becomes an unhandled rejection", LIMIT, async () => {
  // In a separate program, because an unhandled rejection would fail the test in Node's test runner.
  const program = (reportError) => `
    import { runDiagnostics } from ${JSON.stringify(new URL("../../pkg/dist/index.js", import.meta.url))};
    globalThis.reportError = ${reportError};
    const unhandled = [];
    process.on("unhandledRejection", (failure) => unhandled.push(failure.message));
    const fetch = async () => new Response(null, { status: 202, headers: { location: "${LOCATION}" } });
    const location = await runDiagnostics("t", "d", { fetch, onProgress() { throw new Error("of the caller"); } });
    await new Promise((resolve) => setTimeout(resolve, 5));
    console.log(location, unhandled.join());`;
  for (const reportError of ["undefined", '() => { throw new Error("of reportError"); }']) {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program(reportError)]);
    assert.equal(stdout, `${LOCATION} of the caller\n`);
  }
});

test("a callback that never settles delays the location until operationTimeout at most", LIMIT, async () => {
  const began = performance.now();
  assert.equal(await runDiagnostics("t", "d", { ...graph(), onProgress: never, operationTimeout: 60 }), LOCATION);
  const took = performance.now() - began;
  assert.ok(took >= 55 && took < 1_000, `${took} ms`);
});

test("a 202 that was read before the signal fires is not lost", LIMIT, async () => {
  // The signal fires a growing number of microtasks after the response, to show that there is no gap between abandoned and started.
  const seen = new Set();
  for (let turns = 0; turns < 12; turns++) {
    for (const hasCallback of [true, false]) {
      const controller = new AbortController();
      const post = () => {
        let later = Promise.resolve();
        for (let turn = 0; turn < turns; turn++) later = later.then(() => {});
        later.then(() => controller.abort(reason));
        return accepted();
      };
      const events = [];
      const onProgress = hasCallback ? ({ type }) => void events.push(type) : undefined;
      const call = runDiagnostics("t", "d", { ...graph(post), signal: controller.signal, onProgress });
      const outcome = await call.catch((failure) => failure);
      assert.ok(outcome === LOCATION || outcome === reason, String(outcome));
      if (hasCallback) assert.deepEqual(events, [outcome === LOCATION ? "started" : "abandoned"], `${turns} turns`);
      seen.add(outcome);
    }
  }
  assert.deepEqual(seen, new Set([reason, LOCATION]));
  const controller = new AbortController();
  const headers = { get: (name) => (name === "location" ? LOCATION : null) };
  const post = () => ({
    headers,
    text: async () => "",
    get status() {
      queueMicrotask(() => controller.abort(reason));
      return 202;
    },
  });
  assert.equal(await runDiagnostics("t", "d", { ...graph(post), signal: controller.signal }), LOCATION);
});

test("if a timer function is broken when the 202 comes, the location is not lost", LIMIT, async (t) => {
  const { setTimeout, clearTimeout } = globalThis;
  t.after(() => Object.assign(globalThis, { setTimeout, clearTimeout }));
  const broken = () => {
    throw new RangeError("thrown by a replacement");
  };
  for (const onProgress of [undefined, () => {}, never]) {
    const post = () => {
      Object.assign(globalThis, { setTimeout: broken, clearTimeout: broken });
      return accepted();
    };
    const end = await runDiagnostics("t", "d", { ...graph(post), onProgress }).catch((failure) => failure);
    Object.assign(globalThis, { setTimeout, clearTimeout });
    assert.equal(end, LOCATION);
  }
});

// --- While the response to the POST is awaited.

/**
 * Aborts a start without a response; resolves to its events and its error.
 *
 * @param {import("teams-device-diagnostics").RunOptions & { post?: Post, list?: () => any, wait?: number }} [options]
 */
async function abandon({ post = never, list, onProgress = () => {}, wait = 20, ...options } = {}) {
  const controller = new AbortController();
  const events = [];
  const { sent, fetch } = graph(post, list);
  const watched = (event) => {
    events.push(event);
    return onProgress(event);
  };
  const call = runDiagnostics("t", "d", { fetch, signal: controller.signal, onProgress: watched, ...options });
  setTimeout(() => controller.abort(reason), wait);
  const began = performance.now();
  const end = await call.then(
    (location) => location,
    (failure) => failure,
  );
  return { events, end, sent, took: performance.now() - began, signal: controller.signal };
}

test("an abort after the POST was sent emits abandoned, and the call rejects with the signal's reason", LIMIT, async () => {
  let request;
  const { events, end, sent, took, signal } = await abandon({
    post: (signal) => {
      request = signal;
      return never();
    },
  });
  assert.deepEqual(events, [{ type: "abandoned", deviceId: "d" }]);
  assert.equal(end, reason);
  assert.ok(took < 500);
  assert.equal(request.aborted, true);
  assert.equal(getEventListeners(signal, "abort").length, 0);
  await pause(30);
  assert.deepEqual(sent, ["POST"], "nothing is sent after it");
});

test("an abort during the search for a lost run does the same", LIMIT, async () => {
  const broken = await abandon({ post: lost, list: never, wait: 1_100 });
  assert.deepEqual([broken.events, broken.end], [[{ type: "abandoned", deviceId: "d" }], reason]);
  const pausing = await abandon({ post: lost });
  assert.deepEqual([pausing.events, pausing.end, pausing.sent], [[{ type: "abandoned", deviceId: "d" }], reason, ["POST"]]);
});

test("abandoned is not emitted if no run can have started", LIMIT, async () => {
  const throttled = () => new Response(null, { status: 429, headers: { "retry-after": "5" } });
  /** @type {[Awaited<ReturnType<typeof abandon>>, string[]][]} */
  const cases = [
    [await abandon({ post: throttled }), ["throttled"]],
    [await abandon({ post: () => new Response(null, { status: 409 }), list: never }), []],
  ];
  for (const [{ events, end }, expected] of cases) {
    assert.deepEqual(
      events.map(({ type }) => type),
      expected,
    );
    assert.equal(end, reason);
  }
  const events = [];
  const onProgress = (event) => void events.push(event);
  /** @param {Parameters<typeof runDiagnostics>} options */
  const before = (options) => assert.rejects(runDiagnostics(...options), (failure) => failure === reason);
  await before(["t", "d", { fetch: never, onProgress, signal: AbortSignal.abort(reason) }]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 10);
  await before([never, "d", { fetch: never, onProgress, signal: controller.signal }]);
  assert.deepEqual(events, []);
  // A wait never starts a run.
  const waiting = new AbortController();
  const call = waitForOperation(LOCATION, { token: "t", fetch: never, onProgress, signal: waiting.signal });
  waiting.abort(reason);
  await assert.rejects(call, (failure) => failure === reason);
  assert.deepEqual(events, []);
});

test("an error of a callback at abandoned is reported, and the call rejects with the signal's reason", LIMIT, async () => {
  const throws = () => {
    throw thrown;
  };
  const rejectsLater = async () => {
    await pause(5);
    throw thrown;
  };
  for (const onProgress of [throws, async () => throws(), rejectsLater]) {
    const { end, took } = await abandon({ onProgress });
    assert.equal(end, reason);
    assert.ok(took < 500);
    assert.deepEqual(await allReported(), [thrown]);
  }
  assert.equal((await abandon({ onProgress: never })).end, reason);
});

// --- Recovered runs.

test("a run whose response was lost is recovered, with who started it and when", LIMIT, async () => {
  const events = [];
  const onProgress = (event) => void events.push(event);
  assert.equal(await runDiagnostics("t", "d", { ...graph(lost), onProgress }), LOCATION);
  const [{ operation, ...event }] = events;
  assert.deepEqual(event, { type: "started", location: LOCATION, recovered: true, state: "queued", status: "Queued" });
  assert.equal(operation.createdBy.user.displayName, "Adele");
  assert.ok(operation.createdDateTime);
  events.length = 0;
  await runDiagnostics("t", "d", { ...graph(), onProgress });
  assert.deepEqual(events, [{ type: "started", location: LOCATION }], "one whose location Graph sent has neither");
});
