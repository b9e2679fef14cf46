// A caller's functions may abort their call or others, or start new ones, while the package calls them. No call is lost or nested.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { BASE, accepted, polled, refuse, service } from "./fake-service.cjs";

const LIMIT = { timeout: 20_000 };
const liveTimers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
const token = async () => "token";
const reason = new Error("enough");

await getOperation("").catch(() => {});
const timersBefore = liveTimers();

let customers = 0;
/**
 * A customer whose functions first do something else.
 *
 * @param {{ [Name in "token" | "fetch" | "onProgress"]?: (count: number) => unknown }} [doFirst]
 */
function customer(doFirst = {}) {
  const counts = { token: 0, fetch: 0, onProgress: 0 };
  const at = (name) => {
    counts[name] += 1;
    return doFirst[name]?.(counts[name]);
  };
  // Each customer has its own operation, because the token source is forgotten when an operation has ended.
  const start = () => accepted(`o-${++customers}`);
  const graph = service(
    refuse(503, { "retry-after": "0" }),
    start,
    polled("Queued"),
    refuse(429, { "retry-after": "0" }),
    polled("Successful"),
  );
  return {
    counts,
    graph,
    token: async () => {
      at("token");
      return "token";
    },
    fetch() {
      at("fetch");
      return graph();
    },
    onProgress: () => at("onProgress"),
  };
}

/** @param {{ token: any, fetch: any, onProgress: () => unknown, signal?: AbortSignal }} customer */
const job = async ({ token, fetch, onProgress, signal }) => {
  const options = { fetch, onProgress, signal, pollInterval: 10 };
  return waitForOperation(await runDiagnostics(token, "d", options), options);
};

describe("an abort", { concurrency: 1 }, () => {
  // Events: retry, started, status, throttled, status. Requests: two for the start, three polls.
  const moments = [1, 2, 3, 4, 5];
  for (const [name, given] of /** @type {["token" | "fetch" | "onProgress", object?][]} */ ([
    ["token"],
    ["fetch"],
    ["onProgress"],
    ["onProgress", { token: "text" }],
  ])) {
    for (const moment of moments) {
      test(
        `in ${name}, call number ${moment}${given ? ", with a text for a token" : ""}: the reason, and nothing more`,
        LIMIT,
        async () => {
          const controller = new AbortController();
          let then;
          const who = customer({
            [name](count) {
              if (count !== moment) return;
              controller.abort(reason);
              then = { ...who.counts };
            },
          });
          const error = await job({ ...who, ...given, signal: controller.signal }).catch((error) => error);
          assert.equal(error, reason);
          await pause(30);
          // While the response to the POST is awaited, `abandoned` is emitted too.
          if (name === "fetch" && moment <= 2) then.onProgress += 1;
          assert.deepEqual(who.counts, then);
          assert.equal(liveTimers(), timersBefore);
        },
      );
    }
  }

  test("in a page of a list", LIMIT, async () => {
    const controller = new AbortController();
    let sent = 0;
    const fetch = async () => {
      sent += 1;
      controller.abort(reason);
      return Response.json({ value: [{ id: "a" }], "@odata.nextLink": `${BASE}?page=2` });
    };
    const list = listOperations(token, "d", { fetch, signal: controller.signal });
    await assert.rejects(list.next(), (error) => error === reason);
    assert.deepEqual(await list.next(), { value: undefined, done: true });
    assert.equal(sent, 1);
    assert.equal(liveTimers(), timersBefore);
  });

  test("in a function of one call ends all calls with its signal, and no others", LIMIT, async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const who = customer({ onProgress: (count) => count === 3 && controller.abort(reason) });
    const others = [customer(), customer()].map((other) => job({ ...other, signal, fetch: () => pause(5).then(() => other.fetch()) }));
    const unrelated = job(customer());
    for (const call of [job({ ...who, signal }), ...others]) await assert.rejects(call, (error) => error === reason);
    assert.equal((await unrelated).status, "Successful");
    assert.equal(liveTimers(), timersBefore);
  });

  test("in an asynchronous onProgress that goes on", LIMIT, async () => {
    const controller = new AbortController();
    const who = customer();
    const callbacks = [];
    const callback = async () => {
      await pause(5);
      controller.abort(reason);
      await pause(5);
    };
    const onProgress = () => {
      callbacks.push(callback());
      return callbacks.at(-1);
    };
    await assert.rejects(job({ ...who, onProgress, signal: controller.signal }), (error) => error === reason);
    await Promise.all(callbacks);
    assert.equal(liveTimers(), timersBefore);
  });
});

describe("a new call", () => {
  for (const name of ["token", "fetch", "onProgress"]) {
    test(`that is begun in every call of ${name}: neither is lost`, LIMIT, async () => {
      const begun = [];
      const who = customer({ [name]: () => begun.push(job(customer())) });
      assert.equal((await job(who)).status, "Successful");
      assert.equal(begun.length, 5);
      for (const operation of await Promise.all(begun)) assert.equal(operation.status, "Successful");
      assert.equal(who.graph.sent, 5);
      assert.equal(liveTimers(), timersBefore);
    });
  }

  test("that is awaited within a token function, and within onProgress", LIMIT, async () => {
    const inner = () => job(customer());
    const who = customer();
    const nested = { ...who, token: () => inner().then(() => "token"), onProgress: async () => void (await inner()) };
    assert.equal((await job(nested)).status, "Successful");
    assert.equal(who.graph.sent, 5);
  });

  test("with the same signal, begun during the abort, rejects with the reason and sends nothing", LIMIT, async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const late = customer();
    let call;
    const who = customer({
      onProgress() {
        controller.abort(reason);
        call = job({ ...late, signal });
        call.catch(() => {});
      },
    });
    await assert.rejects(job({ ...who, signal }), (error) => error === reason);
    await assert.rejects(call, (error) => error === reason);
    assert.equal(late.graph.sent, 0);
  });
});

describe("a list", () => {
  const pages = () => {
    const all = [["a", "b"], [], ["c"]];
    const fetch = async (url) => {
      const at = Number(new URL(url).searchParams.get("page") ?? 0);
      const link = at + 1 < all.length ? { "@odata.nextLink": `${BASE}?page=${at + 1}` } : {};
      fetch.sent += 1;
      return Response.json({ value: all[at].map((id) => ({ id })), ...link });
    };
    fetch.sent = 0;
    return fetch;
  };

  test("of which many items are requested at once gives each once, in order", LIMIT, async () => {
    const fetch = pages();
    const list = listOperations(token, "d", { fetch });
    const results = await Promise.all(Array.from({ length: 5 }, () => list.next()));
    assert.deepEqual(
      results.map(({ value, done }) => value?.id ?? done),
      ["a", "b", "c", true, true],
    );
    assert.equal(fetch.sent, 3);
  });

  test("sends nothing before the first next(), and ends when it is left", LIMIT, async () => {
    const fetch = pages();
    const list = listOperations(token, "d", { fetch });
    await pause(10);
    assert.equal(fetch.sent, 0);
    assert.equal(list[Symbol.asyncIterator](), list);
    assert.ok(list.return);
    const [first, left, after] = await Promise.all([list.next(), list.return("left"), list.next()]);
    assert.equal(first.value.id, "a");
    assert.deepEqual(left, { value: "left", done: true });
    assert.deepEqual(after, { value: undefined, done: true });
    assert.equal(fetch.sent, 1);
    assert.deepEqual(await listOperations(token, "d", { fetch }).return?.(), { value: undefined, done: true });
    assert.equal(fetch.sent, 1);
  });

  test("has ended after a failure", LIMIT, async () => {
    const list = listOperations(token, "d", { fetch: async () => Response.json({}), maxRetries: 0 });
    await assert.rejects(list.next(), { code: "protocol" });
    assert.deepEqual(await list.next(), { value: undefined, done: true });
  });
});

after(() => assert.equal(liveTimers(), timersBefore));
