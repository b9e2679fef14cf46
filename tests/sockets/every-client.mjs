// What a customer sees of each fault with every client that runs the package: Node, or a browser, which sends preflights and may send a
// request again by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../shared/present.mjs";
import { BROKEN, CUT_SHORT, HARMLESS, UNSENT } from "./faults.mjs";
import { DEVICE, LIST, POLL, START, startGraph } from "./graph.mjs";

export const LIMIT = { timeout: 30_000 };
const PATIENCE_MS = 5_000;
// Longer than any response takes on a busy machine, so that only silent faults time out.
const SHORT_PATIENCE_MS = 1_000;
const LOST_RESPONSE = present(
  BROKEN.find(({ name }) => name === "a reset instead of the response"),
  "the fault",
);

/**
 * The client that runs the package, for one test.
 *
 * @typedef {object} Client
 * @property {typeof import("./customer.mjs").start} start
 * @property {typeof import("./customer.mjs").follow} follow
 * @property {() => Promise<string[]>} strangers the other origins that got requests
 *
 * Opens a client for a service.
 *
 * @typedef {(t: Test, service: { token: string, origin: string, baseUrl: string }) => Promise<Client>} Open
 *
 * @typedef {import("node:test").TestContext} Test
 * @typedef {import("./faults.mjs").Fault} Fault
 * @typedef {import("./fault-proxy.mjs").Rule} Rule
 * @typedef {Awaited<ReturnType<typeof startGraph>>} Graph
 * @typedef {import("./customer.mjs").Outcome<unknown>} Outcome
 */

/**
 * @param {Open} open
 * @param {{ sendsAgain: boolean }} client whether it may send a request again by itself
 */
export function testEveryFault(open, { sendsAgain }) {
  for (const fault of UNSENT) {
    test(`starting: after ${fault.name} no run is claimed`, LIMIT, async (t) => {
      const { graph, outcome, isResent } = await start(t, open, { ...START, fault });
      if (!isResent) return assertNothingStarted(graph, outcome, fault);
      assert.ok(sendsAgain);
      assert.deepEqual([outcome.value], await graph.started(), outcome.said);
    });
  }

  for (const fault of BROKEN) {
    test(`starting: after ${fault.name} the run is found`, LIMIT, async (t) => {
      const { graph, outcome, isResent } = await start(t, open, { ...START, fault });
      if (!isResent) return assertFound(graph, outcome);
      assert.ok(sendsAgain);
      // The browser's second POST was refused because of the first.
      const { code, mayHaveStarted, location, operationId } = outcome.error ?? {};
      assert.deepEqual([code, mayHaveStarted], ["conflict", true], outcome.said);
      assert.deepEqual([location], await graph.started());
      assert.ok(location?.endsWith(`/${operationId}`));
    });
  }

  // Browsers may refuse the header fields of a response with an invalid first chunk; then the run is found as above.
  for (const fault of BROKEN.filter(({ name }) => /half a body|half of/.test(name))) {
    test(`starting: after ${fault.name} the location is known from the header fields, without a search`, LIMIT, async (t) => {
      const { graph, outcome } = await start(t, open, { ...START, fault }, { ...LIST, count: 99, fault: UNSENT[0] });
      assert.deepEqual([outcome.value], await graph.started(), outcome.said);
      assert.equal(graph.sent(LIST).length, 0);
    });
  }

  test("starting: the run is found although two responses and the first search are lost", LIMIT, async (t) => {
    const fault = LOST_RESPONSE;
    const { graph, outcome } = await start(t, open, { ...START, count: 2, fault }, { ...LIST, fault });
    assert.deepEqual([outcome.value], await graph.started(), outcome.said);
  });

  for (const fault of [...HARMLESS, CUT_SHORT]) {
    test(`starting: after ${fault.name} no search is needed`, LIMIT, async (t) => {
      const { graph, outcome } = await start(t, open, { ...START, fault });
      assert.deepEqual([outcome.value], await graph.started(), outcome.said);
      assert.equal(graph.sent(LIST).length, 0);
    });
  }

  for (const fault of [...UNSENT, ...BROKEN]) {
    test(`polling: after ${fault.name} the run is polled again until it ends`, LIMIT, async (t) => {
      const { graph, outcome } = await follow(t, open, fault);
      assert.equal(outcome.value?.state, "successful", outcome.said);
      const [broken, ...others] = graph.sent(POLL);
      const isResent = others.some(({ id }) => id === broken.id);
      assert.ok(sendsAgain || !isResent);
      assert.equal(
        outcome.events.some(({ type }) => type === "retry"),
        !isResent,
        "the retry is reported",
      );
    });
  }

  test("polling: as many failures in a row as there are retries do not end the wait", LIMIT, async (t) => {
    const { outcome } = await follow(t, open, LOST_RESPONSE, { first: 2, count: 3 });
    assert.equal(outcome.value?.state, "successful", outcome.said);
  });

  for (const fault of HARMLESS) {
    test(`polling: ${fault.name} changes nothing`, LIMIT, async (t) => {
      const { outcome } = await follow(t, open, fault);
      assert.equal(outcome.value?.state, "successful", outcome.said);
      assert.deepEqual(
        outcome.events.filter(({ type }) => type !== "status"),
        [],
      );
    });
  }

  test("polling: after half a document with a too small Content-Length the run is polled again", LIMIT, async (t) => {
    const { outcome } = await follow(t, open, CUT_SHORT);
    assert.equal(outcome.value?.state, "successful", outcome.said);
    assert.ok(
      outcome.events.some(({ type }) => type === "retry"),
      "the retry is reported",
    );
  });

  test("polling: without patience half a document ends the wait, which can be resumed", LIMIT, async (t) => {
    const { graph, client, outcome, location } = await follow(t, open, CUT_SHORT, {}, { patience: 0 });
    assert.deepEqual([outcome.error?.code, outcome.error?.location], ["protocol", location], outcome.said);
    const { value } = await client.follow(location, options(graph, CUT_SHORT));
    assert.equal(value?.state, "successful");
  });
}

/** Starts a run through faults. In every case the client itself sends one POST, and at most one run is started. @param {Test} t @param {Open} open @param {...Rule} rules */
export async function start(t, open, ...rules) {
  // Pages do not know the service's time, so they recognise only a run that has not ended as new. The pace keeps it running.
  const graph = await startGraph(t, rules, { paceMs: 300 });
  const client = await open(t, graph);
  const outcome = await client.start(graph.token, DEVICE, options(graph, rules[0].fault));
  const posts = graph.sent(START);
  assert.equal(new Set(posts.map(({ id }) => id)).size, posts.length > 0 ? 1 : 0);
  assert.ok((await graph.started()).length <= 1);
  await assertNothingLeft(graph, client, outcome);
  return { graph, outcome, isResent: posts.length > 1 };
}

/** Asserts that no POST arrived, and that the error says what the client can know. @param {Graph} graph @param {Outcome} outcome @param {Fault} fault */
export async function assertNothingStarted(graph, outcome, fault) {
  assert.equal(await graph.posts(), 0);
  const { code, mayHaveStarted, location } = outcome.error ?? {};
  assert.deepEqual([code, mayHaveStarted, location], [fault.isSilent ? "timeout" : "network", true, undefined], outcome.said);
}

/** Asserts that one POST arrived, and that the call resolved to the run that it started. @param {Graph} graph @param {Outcome} outcome */
export async function assertFound(graph, outcome) {
  assert.equal(await graph.posts(), 1);
  const [location] = await graph.started();
  assert.equal(outcome.value, location, outcome.said);
  const [event, ...others] = outcome.events;
  assert.ok(event.type === "started");
  assert.deepEqual([event.location, others], [location, []]);
  const { recovered, operation } = event;
  // If the response was lost, the event has the run that was found.
  const isLost = graph.sent(LIST).length > 0;
  assert.deepEqual([recovered, operation && location.endsWith(`/${operation.id}`)], isLost ? [true, true] : [undefined, undefined]);
}

/** @param {Graph} graph @param {Fault} fault */
function options({ baseUrl }, { isSilent }) {
  return { baseUrl, timeout: isSilent ? SHORT_PATIENCE_MS : PATIENCE_MS, maxRetries: 3, pollInterval: 50 };
}

/**
 * Starts a run, and waits for it through a fault, by default at the first poll.
 *
 * @param {Test} t
 * @param {Open} open
 * @param {Fault} fault
 * @param {Partial<Rule>} [which] other requests that the fault breaks
 * @param {import("teams-device-diagnostics").WaitOptions} [more]
 */
async function follow(t, open, fault, which = {}, more = {}) {
  const graph = await startGraph(t, [{ ...POLL, ...which, fault }]);
  const client = await open(t, graph);
  const { value } = await client.start(graph.token, DEVICE, { baseUrl: graph.baseUrl });
  const location = present(value, "location");
  const outcome = await client.follow(location, { ...options(graph, fault), ...more });
  assert.deepEqual(await graph.started(), [location]);
  assert.equal(await graph.posts(), 1);
  await assertNothingLeft(graph, client, outcome);
  return { graph, client, outcome, location };
}

/**
 * Asserts that no request is open, that requests without a response timed out in time, and that the token was sent nowhere else.
 *
 * @param {Graph} graph
 * @param {Client} client
 * @param {Outcome} outcome
 */
async function assertNothingLeft(graph, client, { said }) {
  await graph.assertQuiet();
  for (const { fault, began, ended = began } of graph.exchanges.filter(({ fault }) => fault?.isSilent)) {
    assert.ok(ended - began < SHORT_PATIENCE_MS + 1_000, `${fault?.name}: given up after ${ended - began} ms`);
  }
  graph.assertTokenStayed();
  assert.deepEqual(await client.strangers(), []);
  assert.ok(!said.includes(graph.token), said);
}
