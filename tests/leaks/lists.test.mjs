// A list that is not read to its end keeps nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as response from "../shared/scripted-graph.mjs";
import { DEVICE, TOKEN, abortable, isOver } from "./calls.mjs";
import { graph, listOperations, observed, taken, turn } from "./surroundings.mjs";

test("a list that is left early keeps nothing, and requests no further page", async () => {
  const { signal } = abortable();
  graph.expect(DEVICE, { lists: [response.firstPage, response.silence] });
  const leaveEarly = async () => {
    for await (const operation of listOperations(TOKEN, DEVICE, { fetch: graph.fetch, signal })) return operation.id;
  };
  assert.equal(await leaveEarly(), `operation-${DEVICE}-old`);
  await isOver({ signal });
  const before = taken();
  for (let time = 0; time < 200; time++) {
    graph.expect(DEVICE, { lists: [response.firstPage, response.silence] });
    await leaveEarly();
  }
  assert.deepEqual(taken(), before);
});

test("a list whose reader throws keeps nothing", async () => {
  const thrown = new Error("a bug of the reader");
  graph.expect(DEVICE, { lists: [response.listed("Queued")] });
  const readAll = async () => {
    for await (const operation of listOperations(TOKEN, DEVICE, { fetch: graph.fetch })) throw operation.id && thrown;
  };
  await assert.rejects(readAll(), (error) => error === thrown);
  const before = taken();
  for (let time = 0; time < 200; time++) await assert.rejects(readAll());
  assert.deepEqual(taken(), before);
});

test("a list that was aborted has ended", async () => {
  const { signal, abort, reason } = abortable();
  graph.expect(DEVICE, { lists: [response.silence] });
  const operations = listOperations(TOKEN, DEVICE, { fetch: graph.fetch, signal });
  const page = observed(operations.next());
  await turn();
  abort();
  await turn();
  assert.equal(page.reason, reason);
  assert.deepEqual(await operations.next(), { done: true, value: undefined });
  await isOver({ signal });
});
