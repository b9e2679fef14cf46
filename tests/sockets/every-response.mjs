// What a customer sees of responses that are complete but wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  acceptedTwice,
  accepted,
  bomb,
  endless,
  halfList,
  noRuns,
  ownRun,
  portal,
  queued,
  redirect,
  refuse,
  startScripted,
  successful,
} from "./scripted-server.mjs";
import { LIMIT } from "./every-client.mjs";

// A client that reads an endless body reads gigabytes. Sockets and browsers buffer some megabytes in any case.
const MOST_BYTES = 48 * 1024 * 1024;

/**
 * @typedef {import("node:test").TestContext} Test
 * @typedef {import("./scripted-server.mjs").Script} Script
 * @typedef {Awaited<ReturnType<typeof startScripted>>} Graph
 */

/** @param {import("./every-client.mjs").Open} open */
export function testEveryResponse(open) {
  /** @param {Graph} graph */
  const options = ({ baseUrl }) => ({ baseUrl, timeout: 10_000, pollInterval: 50 });
  /** @param {Test} t @param {Script} script */
  const startAt = async (t, script) => {
    const graph = await startScripted(t, script);
    const client = await open(t, graph);
    return { graph, outcome: await client.start(graph.token, "d", options(graph)), client };
  };
  /** @param {Test} t @param {Script} script @param {import("teams-device-diagnostics").WaitOptions} [more] */
  const followAt = async (t, script, more = {}) => {
    const { graph, outcome, client } = await startAt(t, script);
    assert.equal(outcome.value, graph.location, outcome.said);
    return { graph, outcome: await client.follow(graph.location, { ...options(graph), ...more }) };
  };
  /** @param {Graph} graph */
  const assertUnread = ({ seen }) => {
    for (const { bytes = 0 } of seen) assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
  };

  test("a body without end is not read: the next poll sees the operation's end", LIMIT, async (t) => {
    const { graph, outcome } = await followAt(t, { poll: [queued, endless(200), successful] });
    assert.equal(outcome.value?.state, "successful", outcome.said);
    assert.equal(graph.count("poll"), 3);
    assertUnread(graph);
  });

  test("an endless body of an error is not read either", LIMIT, async (t) => {
    const { graph, outcome } = await followAt(t, { poll: [endless(403)] });
    assert.deepEqual([outcome.error?.code, outcome.error?.location], ["forbidden", graph.location], outcome.said);
    assertUnread(graph);
  });

  test("the location of a 202 with an endless body is found", LIMIT, async (t) => {
    const { graph, outcome } = await startAt(t, { start: [endless(202, { location: "/teamwork/devices/d/operations/o" })] });
    assert.equal(outcome.value, graph.location, outcome.said);
    assert.equal(graph.count("list"), 0);
    assertUnread(graph);
  });

  test("a small body that is huge after decompression is not read", LIMIT, async (t) => {
    const { graph, outcome } = await followAt(t, { poll: [bomb, successful] });
    assert.equal(outcome.value?.state, "successful", outcome.said);
    assert.equal(outcome.value.id, "o");
    assert.equal(graph.count("poll"), 2);
  });

  test("a Location that is sent twice with the same value is accepted", LIMIT, async (t) => {
    const { graph, outcome } = await followAt(t, { start: [acceptedTwice] });
    assert.equal(outcome.value?.state, "successful", outcome.said);
    assert.equal(graph.count("list"), 0);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    test(`a ${status} is not followed: the poll is made again, and a start is searched for`, LIMIT, async (t) => {
      const stranger = await startScripted(t, {});
      const away = redirect(status, `${stranger.origin}/login`);
      const { graph, outcome } = await followAt(t, { start: [away], list: [ownRun], poll: [queued, away, successful] });
      assert.equal(outcome.value?.state, "successful", outcome.said);
      assert.deepEqual([graph.count("start"), graph.count("list"), graph.count("poll")], [1, 1, 3]);
      assert.deepEqual(stranger.seen, []);
    });
  }

  test("after the page of a captive portal the run is searched for, and may have started", LIMIT, async (t) => {
    const { graph, outcome } = await startAt(t, { start: [portal] });
    assert.deepEqual([outcome.error?.code, outcome.error?.mayHaveStarted], ["protocol", true], outcome.said);
    assert.match(outcome.said, /between this client and Graph responded: 200/);
    assert.equal(graph.count("list"), 3);
  });

  test("a run behind such a page is found, also if the first list is truncated", LIMIT, async (t) => {
    const { graph, outcome } = await startAt(t, { start: [portal], list: [halfList, ownRun] });
    assert.equal(outcome.value, graph.location, outcome.said);
    const [{ recovered, operation }] = outcome.events.filter((event) => event.type === "started");
    assert.deepEqual([recovered, operation?.id], [true, "o"]);
  });

  test("after a gateway's 503 the POST is retried only if the whole list shows no run", LIMIT, async (t) => {
    /** @type {import("./scripted-server.mjs").Respond} */
    const gateway = (response) => response.writeHead(503, { "content-type": "text/html" }).end("<html>no upstream</html>");
    const { graph, outcome } = await startAt(t, { start: [gateway, accepted], list: [noRuns] });
    assert.equal(outcome.value, graph.location, outcome.said);
    assert.deepEqual([graph.count("start"), graph.count("list")], [2, 3]);
  });

  test("of two Retry-After fields the longer wait counts", LIMIT, async (t) => {
    const { graph, outcome } = await followAt(t, { poll: [refuse(429, { "retry-after": ["0", "2"] }), successful] });
    assert.equal(outcome.value?.state, "successful", outcome.said);
    const [first, second] = graph.seen.filter(({ kind }) => kind === "poll");
    assert.ok(second.at - first.at >= 1_990, `${second.at - first.at} ms`);
  });

  test("an operation that was found may be missing for a moment", LIMIT, async (t) => {
    const { outcome } = await followAt(t, { poll: [queued, refuse(404), successful] });
    assert.equal(outcome.value?.state, "successful", outcome.said);
  });

  test("in a wait, more failures in a row than maxRetries are retried", LIMIT, async (t) => {
    const { outcome } = await followAt(t, { poll: [portal, refuse(500), refuse(520), halfList, successful] }, { maxRetries: 0 });
    assert.equal(outcome.value?.state, "successful", outcome.said);
  });

  test("with patience 0 a wait ends with the first unusable response", LIMIT, async (t) => {
    const { graph, outcome } = await followAt(t, { poll: [queued, portal] }, { patience: 0 });
    assert.deepEqual([outcome.error?.code, outcome.error?.location], ["protocol", graph.location], outcome.said);
  });
}
