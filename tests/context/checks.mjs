// Checks a report of the callers.
import assert from "node:assert/strict";

/** Each function that a caller passed was called, and only in the caller's context. @param {import("./callers.mjs").Report} report */
export function assertOwnContexts({ calls, strays, failures, tokenRequests }) {
  assert.deepEqual(failures, []);
  assert.deepEqual(strays, []);
  const events = { started: 7, status: 15, retry: 7, throttled: 7 };
  for (const [name, functions] of Object.entries(calls)) {
    assert.ok(functions.fetch >= 7 * 3, `${name}: ${JSON.stringify(functions)}`);
    assert.ok(functions.onProgress >= 7, name);
    if (name !== "a shared credential") assert.ok(functions.token >= functions.fetch, name);
  }
  assert.equal(Object.keys(calls).length, 7);
  for (const name of ["retries and throttling", "asynchronous onProgress", "a shared credential"]) {
    for (const [event, least] of Object.entries(events)) assert.ok(calls[name][event] >= least, `${name}: ${event}`);
  }
  // Its token is shared, so the first caller requests it for all.
  assert.equal(tokenRequests.length, 1);
  assert.match(String(tokenRequests[0]), /^caller-/);
}
