// An asynchronous progress callback: the call ends after it has settled, and rejects if it rejects.
import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, listDevices, waitForOperation } from "../../pkg/dist/index.js";
import { asFetch } from "../shared/fetch.mjs";

const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const LIMIT = { timeout: 10_000 };
const never = () => new Promise(() => {});

/** Responds with the statuses in turn, and then with the last one again. */
function graph(...statuses) {
  const sent = [];
  const fetch = asFetch(async (_url, { method }) => {
    sent.push(method);
    if (method === "POST") return new Response(null, { status: 202, headers: { location: LOCATION } });
    const status = statuses.length > 1 ? statuses.shift() : statuses[0];
    return Response.json({ value: { id: "o", operationType: "deviceDiagnostics", status } });
  });
  return { sent, options: { token: "t", fetch, pollInterval: 10 } };
}

/** The state of a call, which can be inspected without waiting for it. */
function observed(call) {
  const seen = { state: "pending", end: call };
  call.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (reason) => Object.assign(seen, { state: "rejected", reason }),
  );
  return seen;
}

const unhandled = [];
const note = (reason) => unhandled.push(reason);
process.on("unhandledRejection", note);
after(() => process.off("unhandledRejection", note));
afterEach(async () => {
  await pause(5);
  assert.deepEqual(unhandled.splice(0), [], "unhandled rejections");
});

const thrown = new Error("a bug of the caller");

test("if an asynchronous callback rejects during a call, the call rejects at once with the same error", LIMIT, async () => {
  const { sent, options } = graph("InProgress");
  let events = 0;
  const onProgress = async () => {
    if (++events === 2) {
      await pause(1);
      throw thrown;
    }
  };
  await assert.rejects(waitForOperation(LOCATION, { ...options, onProgress }), (reason) => reason === thrown);
  const before = sent.length;
  await pause(40);
  assert.equal(sent.length, before, "a later request");
});

test("the same holds for the last event, after which the operation has succeeded or failed", LIMIT, async () => {
  for (const status of ["Successful", "Failed"]) {
    const { options } = graph(status);
    const onProgress = async () => {
      throw thrown;
    };
    const call = waitForOperation(LOCATION, { ...options, onProgress });
    const [{ reason }] = /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled([call]));
    // The failure of the operation is reported without waiting for callbacks.
    if (status === "Successful") assert.equal(reason, thrown);
    else assert.ok(reason === thrown || reason.code === "operationFailed");
    const slow = async () => {
      await pause(20);
      throw thrown;
    };
    const slowed = waitForOperation(LOCATION, { ...graph(status).options, onProgress: slow });
    const [{ reason: later }] = /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled([slowed]));
    if (status === "Successful") assert.equal(later, thrown);
    else assert.equal(later.code, "operationFailed");
    await pause(30);
  }
});

test("if several callbacks reject, the call rejects once", LIMIT, async () => {
  const { options } = graph("InProgress", "InProgress", "InProgress", "Successful");
  const onProgress = async () => {
    await pause(60);
    throw thrown;
  };
  await assert.rejects(waitForOperation(LOCATION, { ...options, onProgress }), (reason) => reason === thrown);
  await pause(100);
});

test("a promise that the callback returns is awaited before the call ends, and not between", LIMIT, async () => {
  const { sent, options } = graph("Queued", "InProgress", "Successful");
  const open = [];
  const onProgress = () => new Promise((resolve) => open.push(resolve));
  const call = observed(waitForOperation(LOCATION, { ...options, onProgress }));
  while (open.length < 3) await pause(5);
  await pause(30);
  assert.deepEqual([sent.length, call.state], [3, "pending"]);
  for (const resolve of open) {
    assert.equal(call.state, "pending");
    resolve();
    await pause(1);
  }
  assert.equal((await call.end).status, "Successful");
});

test("the callback may return a thenable, or something that is not a promise", LIMIT, async () => {
  for (const result of [undefined, null, 7, "text", {}, { then: 7 }]) {
    assert.equal((await waitForOperation(LOCATION, { ...graph("Successful").options, onProgress: () => result })).status, "Successful");
  }
  let settled = false;
  const thenable = {
    then(resolve) {
      setTimeout(() => {
        settled = true;
        resolve();
      }, 20);
    },
  };
  await waitForOperation(LOCATION, { ...graph("Successful").options, onProgress: () => thenable });
  assert.equal(settled, true);
  const rejects = { then: (_, reject) => reject(thrown) };
  await assert.rejects(
    waitForOperation(LOCATION, { ...graph("Successful").options, onProgress: () => rejects }),
    (reason) => reason === thrown,
  );
  const throws = {
    get then() {
      throw thrown;
    },
  };
  await assert.rejects(
    waitForOperation(LOCATION, { ...graph("Successful").options, onProgress: () => throws }),
    (reason) => reason === thrown,
  );
});

test("a callback that never settles delays the call until operationTimeout, or until the signal fires", LIMIT, async () => {
  const { options } = graph("Successful");
  const began = performance.now();
  assert.equal((await waitForOperation(LOCATION, { ...options, operationTimeout: 80, onProgress: never })).status, "Successful");
  assert.ok(performance.now() - began >= 75);
  const controller = new AbortController();
  const call = observed(waitForOperation(LOCATION, { ...graph("Successful").options, onProgress: never, signal: controller.signal }));
  await pause(20);
  assert.equal(call.state, "pending");
  controller.abort("enough");
  await assert.rejects(call.end, (reason) => reason === "enough");
});

test("a callback gets the events in order, each as a new plain object", LIMIT, async () => {
  const { options } = graph("Queued", "InProgress", "Successful");
  const events = [];
  await waitForOperation(LOCATION, { ...options, onProgress: (event) => void events.push(event) });
  assert.deepEqual(
    events.map(({ status, previousStatus }) => [status, previousStatus]),
    [
      ["Queued", undefined],
      ["InProgress", "Queued"],
      ["Successful", "InProgress"],
    ],
  );
  for (const event of events) assert.equal(Object.getPrototypeOf(event), Object.prototype);
});

test("a callback may call the package, and call it again", LIMIT, async () => {
  const { options } = graph("Queued", "Successful");
  const found = [];
  const onProgress = async () => {
    found.push((await getOperation(LOCATION, graph("InProgress").options)).status);
    for await (const device of listDevices("t", { fetch: async () => Response.json({ value: [{ id: "a" }] }) })) found.push(device.id);
  };
  await waitForOperation(LOCATION, { ...options, onProgress });
  assert.deepEqual(found.toSorted(), ["InProgress", "InProgress", "a", "a"]);
});

test("a promise whose then misbehaves affects only its own call", LIMIT, async () => {
  const strange = (then) => Object.assign(Promise.resolve(), { then });
  const other = graph("Queued", "Queued", "Queued", "Successful");
  const bystander = waitForOperation(`${LOCATION}-other`, other.options);
  const call = (then) => waitForOperation(LOCATION, { ...graph("Queued", "Successful").options, onProgress: () => strange(then) });
  await assert.rejects(
    call(() => {
      throw thrown;
    }),
    (reason) => reason === thrown,
  );
  assert.equal(
    (
      await call((resolve) => {
        resolve();
        resolve();
      })
    ).status,
    "Successful",
  );
  await assert.rejects(
    call((resolve, reject) => {
      reject(thrown);
      resolve();
    }),
    (reason) => reason === thrown,
  );
  assert.equal((await bystander).status, "Successful");
});
