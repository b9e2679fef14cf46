// Calls that have ended take no memory, however they ended.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as response from "../shared/scripted-graph.mjs";
import { CALLS, abortable, begin } from "./calls.mjs";
import { pass, taken } from "./surroundings.mjs";

const ENDINGS = {
  "after pauses, retries and a timeout": {
    polls: [response.running, response.lost, response.silence, response.running, response.successful],
    after: 60_000,
    state: "resolved",
  },
  "with a cancelled operation without an error": { polls: [response.cancelled], after: 0, state: "rejected" },
  "with a token source that hangs": { polls: [], after: 300_000, state: "rejected", token: () => new Promise(() => {}) },
  "with a credential that hangs": { polls: [], after: 300_000, state: "rejected", token: { getToken: () => new Promise(() => {}) } },
  "with a failed operation": { polls: [response.running, response.failed], after: 10_000, state: "rejected" },
  "with responses that are not JSON": { polls: Array(400).fill(response.noJson), after: 400_000, state: "rejected" },
  "with a callback that throws": { polls: [response.running], after: 0, state: "rejected", throws: true },
  "with a token source that gives no token": { polls: [], after: 0, state: "rejected", token: () => 7 },
  "with a callback that rejects": { polls: [response.running], after: 0, state: "rejected", rejects: true },
  "with callbacks that end later": { polls: [response.running, response.successful], after: 20_000, state: "resolved", isSlow: true },
};
for (const [name, { polls, after, state, token, throws, rejects, isSlow }] of Object.entries(ENDINGS)) {
  test(`calls that ended ${name} take no memory`, async () => {
    const { signal } = abortable();
    const onProgress = () => {
      if (throws) throw new Error("a bug of the caller");
      if (rejects) return Promise.reject(new Error("a bug of the caller"));
      if (isSlow) return new Promise((resolve) => setTimeout(resolve, 3_000));
    };
    const followOnce = async () => {
      const { call } = await begin({ call: CALLS.waitForOperation, script: { polls } }, { signal, onProgress, ...(token && { token }) });
      await pass(after);
      assert.equal(call.state, state);
    };
    for (let time = 0; time < 50; time++) await followOnce();
    const before = taken();
    for (let time = 0; time < 400; time++) await followOnce();
    assert.deepEqual(taken(), before);
  });
}
