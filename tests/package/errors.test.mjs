// The errors of the built package. They are created where the caller awaits, so that their stack names the caller.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import vm from "node:vm";
import * as entry from "../../pkg/dist/errors.js";
import {
  DiagnosticsError,
  getOperation,
  isDiagnosticsError,
  listDevices,
  listOperations,
  runDiagnostics,
  waitForOperation,
} from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";

/** Refuses later, when the caller is no longer on the stack. */
const fetch = async () => {
  await pause(2);
  return Response.json({ error: { code: "Forbidden", message: "No." } }, { status: 403, headers: { "request-id": "r-1" } });
};
const options = { token: "secret", fetch };

const CALLS = {
  runDiagnostics: () => runDiagnostics("secret", "d", options),
  waitForOperation: () => waitForOperation(LOCATION, options),
  getOperation: () => getOperation(LOCATION, options),
  listOperations: async () => {
    for await (const operation of listOperations("secret", "d", options)) return operation;
  },
  listDevices: async () => {
    for await (const device of listDevices("secret", options)) return device;
  },
  "an argument that is wrong": () => runDiagnostics("", "d"),
};

async function aFunctionOfTheCaller(call) {
  return await call();
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`the stack names the function that awaits: ${name}`, LIMIT, async () => {
    const error = await aFunctionOfTheCaller(call).catch((error) => error);
    assert.equal(error.code, name.includes("wrong") ? "invalidArgument" : "forbidden");
    assert.match(error.stack, /^DiagnosticsError: .*\n/);
    assert.match(error.stack, /^ +at async aFunctionOfTheCaller /m);
    assert.ok(!error.stack.includes("secret"));
  });
}

test("it is an Error with its own name and fields, in a minified build too", LIMIT, async () => {
  const error = await CALLS.getOperation().catch((error) => error);
  assert.ok(error instanceof DiagnosticsError && error instanceof Error && isDiagnosticsError(error));
  assert.deepEqual(
    [DiagnosticsError.name, error.constructor.name, error.name, String(error)],
    ["DiagnosticsError", "DiagnosticsError", "DiagnosticsError", `DiagnosticsError: ${error.message}`],
  );
  assert.match(inspect(error), /^DiagnosticsError: /);
  assert.deepEqual(Object.keys(error).sort(), [
    "attempts",
    "clientRequestId",
    "code",
    "graphCode",
    "hint",
    "location",
    "mayHaveStarted",
    "requestId",
    "statusCode",
  ]);
  const { name, message, ...fields } = JSON.parse(JSON.stringify(error));
  assert.deepEqual([name, message, fields], ["DiagnosticsError", error.message, { ...error }]);
});

test("a cause is kept, and stays out of JSON", LIMIT, async () => {
  const cause = new TypeError("fetch failed");
  const error = await getOperation(LOCATION, { token: "t", fetch: () => Promise.reject(cause), maxRetries: 0 }).catch((error) => error);
  assert.equal(error.cause, cause);
  assert.equal(Object.getOwnPropertyDescriptor(error, "cause")?.enumerable, false);
  assert.ok(!("cause" in JSON.parse(JSON.stringify(error))));
  const none = await runDiagnostics("", "d").catch((error) => error);
  assert.ok(!("cause" in none));
});

test("the entry without the wasm has the same class", LIMIT, () => {
  assert.equal(entry.DiagnosticsError, DiagnosticsError);
  assert.equal(entry.isDiagnosticsError, isDiagnosticsError);
});

const BRAND = Symbol.for("teams-device-diagnostics.DiagnosticsError");

/** The error that another realm catches with its own copy of the package. */
async function caughtIn(context) {
  const text = await readFile(new URL("../../pkg/dist/errors.cjs", import.meta.url), "utf8");
  const run = vm.runInContext(`(function (module, exports) { ${text}\n return module.exports; })`, context);
  const module = { exports: {} };
  const { DiagnosticsError: Other, isDiagnosticsError: isOther } = run(module, module.exports);
  return { error: new Other("m", { code: "internal" }), isOther, Other };
}

test("an error of another realm with its own copy is recognised, in both directions", LIMIT, async () => {
  // Like an iframe, it has its own Error and Object, and shares the registry of symbols.
  for (const context of [vm.createContext(), vm.createContext({ __proto__: null, window: {} })]) {
    const { error, isOther } = await caughtIn(context);
    assert.ok(!(error instanceof Error) && isDiagnosticsError(error));
    const own = await CALLS["an argument that is wrong"]().catch((error) => error);
    assert.ok(isOther(own) && isOther(error));
    assert.equal(isDiagnosticsError(vm.runInContext("new Error('e')", context)), false);
  }
});

test("the brand counts as an own member and as an inherited one, on errors only", LIMIT, () => {
  assert.equal(isDiagnosticsError(Object.assign(new Error("e"), { [BRAND]: true })), true);
  // @ts-expect-error: the types forbid this, but it can happen
  class Own extends DiagnosticsError {}
  // @ts-expect-error: as above
  assert.equal(isDiagnosticsError(new Own("m", {})), true);
  for (const value of [
    { [BRAND]: true },
    Object.create(DiagnosticsError.prototype),
    DiagnosticsError.prototype,
    Object.assign(new Error("e"), { [BRAND]: 1 }),
  ]) {
    assert.equal(isDiagnosticsError(value), false);
  }
});

test("isDiagnosticsError is false for anything else, and does not throw", LIMIT, () => {
  const fail = () => assert.fail("is caught");
  const traps = { get: fail, has: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail };
  const revoked = Proxy.revocable(new Error("e"), {});
  revoked.revoke();
  const throwing = Object.defineProperty(new Error("e"), BRAND, { get: fail });
  const tagged = Object.defineProperty({}, Symbol.toStringTag, { get: fail });
  const values = [undefined, null, true, 7, 7n, "e", Symbol("e"), {}, [], () => {}, Object.create(null), new Error("e")];
  for (const value of [...values, new Proxy(new Error("e"), traps), new Proxy({}, traps), revoked.proxy, throwing, tagged]) {
    assert.equal(isDiagnosticsError(value), false);
  }
});
