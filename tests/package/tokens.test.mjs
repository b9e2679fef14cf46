// The token sources of the built package. Each call calls a function for itself; the token of a credential is shared and kept while it is
// valid. After Graph has refused a token, both are called again. Every token request has a time limit.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { getOperation, listOperations, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const LOCATION = "/teamwork/devices/d/operations/o";
const done = () => Response.json({ id: "o", status: "Successful" });
const unauthorized = (challenge) => new Response("", { status: 401, headers: { "www-authenticate": challenge } });
const hour = () => Date.now() + 3_600_000;
const never = () => new Promise(() => {});

/** A fetch that responds to each token with the result of `respond`, and records the tokens. @param {(token: string) => Response} respond */
function graph(respond = done) {
  const tokens = [];
  const fetch = asFetch(async (_url, { headers }) => {
    const token = headers.authorization.replace("Bearer ", "");
    tokens.push(token);
    return respond(token);
  });
  return { tokens, fetch, poll: (token, options) => getOperation(LOCATION, { token, fetch, ...options }) };
}

/** A credential with numbered tokens, which records its requests. */
function credential(expiresOnTimestamp) {
  const requests = [];
  return {
    requests,
    getToken: async (scopes, options) => {
      requests.push({ scopes, ...options });
      return { token: `t${requests.length}`, expiresOnTimestamp: expiresOnTimestamp() };
    },
  };
}

// --- Functions.

test("each call calls a function for itself, in its own context, and for every request", LIMIT, async () => {
  const whose = new AsyncLocalStorage();
  const requests = [];
  // If the function were called in the wrong context, a call would get the token of another.
  /** @param {import("teams-device-diagnostics").TokenRequest} request */
  const token = async ({ scopes, claims }) => {
    requests.push(whose.getStore());
    assert.deepEqual([scopes, claims], [["https://graph.microsoft.com/.default"], undefined]);
    await pause(Math.random() * 20);
    return `of-${whose.getStore()}`;
  };
  const sent = [];
  const callAs = (who) =>
    whose.run(who, async () => {
      const fetch = asFetch(async (_url, { method, headers }) => {
        const context = whose.getStore();
        sent.push({ who, context, token: headers.authorization });
        await pause(Math.random() * 20);
        return method === "POST"
          ? new Response(null, { status: 202, headers: { location: `/teamwork/devices/${who}/operations/o` } })
          : done();
      });
      return waitForOperation(await runDiagnostics(token, String(who), { fetch }));
    });
  const callers = Array.from({ length: 40 }, (_, number) => number);
  await Promise.all(callers.map(callAs));
  for (const { who, context, token } of sent) assert.deepEqual([context, token], [who, `Bearer of-${who}`]);
  assert.deepEqual(
    requests.toSorted((one, other) => one - other),
    callers.flatMap((who) => [who, who]),
    "for the start, and for the poll",
  );
});

test("a function that failed is called again by the next call, and other calls do not fail", LIMIT, async () => {
  const { poll, tokens } = graph();
  let calls = 0;
  const source = () => {
    if (++calls === 1) throw new TypeError("signed out");
    return "t";
  };
  const [first, second] = await Promise.allSettled([poll(source), poll(source)]);
  const { reason } = /** @type {PromiseRejectedResult} */ (first);
  assert.equal(reason.code, "unauthorized");
  assert.equal(reason.cause.message, "signed out");
  assert.equal(second.status, "fulfilled");
  assert.deepEqual(tokens, ["t"], "nothing is sent without a token");
  await assert.rejects(
    poll(async () => Promise.reject(new TypeError("signed out"))),
    { code: "unauthorized" },
  );
});

test("a function gets the claims that Graph demands", LIMIT, async () => {
  const { poll } = graph((token) => (token === "t1" ? unauthorized('Bearer error="insufficient_claims", claims="e30="') : done()));
  const demanded = [];
  await poll(({ claims }) => {
    demanded.push(claims);
    return `t${demanded.length}`;
  });
  assert.deepEqual(demanded, [undefined, "{}"]);
});

// --- Credentials.

test("calls at the same time share one token request to a credential", LIMIT, async () => {
  const { poll, tokens } = graph();
  const source = credential(() => undefined);
  const { getToken } = source;
  source.getToken = async (...request) => {
    await pause(20);
    return getToken(...request);
  };
  await Promise.all(Array.from({ length: 20 }, () => poll(source)));
  assert.equal(source.requests.length, 1);
  assert.deepEqual(new Set(tokens), new Set(["t1"]));
  assert.equal(tokens.length, 20);
});

test("getToken is called as a method of its credential, and calls that share a token request share its failure", LIMIT, async () => {
  const { poll, tokens } = graph();
  class Credential {
    calls = 0;
    async getToken() {
      this.calls += 1;
      if (this.calls === 1) throw new TypeError("signed out");
      return { token: "t", expiresOnTimestamp: hour() };
    }
  }
  const source = new Credential();
  for (const { reason } of /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled([poll(source), poll(source)]))) {
    assert.equal(reason.code, "unauthorized");
    assert.equal(reason.cause.message, "signed out");
  }
  assert.equal(tokens.length, 0, "nothing is sent without a token");
  await poll(source);
  assert.equal(source.calls, 2);
});

test("a credential's token is used until two minutes before it expires", LIMIT, async () => {
  const { poll } = graph();
  const lasting = credential(hour);
  for (let count = 0; count < 3; count++) await poll(lasting);
  assert.equal(lasting.requests.length, 1);
  assert.deepEqual(lasting.requests[0], { scopes: ["https://graph.microsoft.com/.default"], enableCae: true });
  for (const expires of [() => Date.now() + 119_000, () => Date.now() - 1, () => undefined, () => Number.NaN]) {
    const short = credential(expires);
    await poll(short);
    await poll(short);
    assert.equal(short.requests.length, 2, String(expires()));
  }
});

test("a credential's token for one cloud is not used in another", LIMIT, async () => {
  const { poll } = graph();
  const source = credential(hour);
  await poll(source);
  await poll(source, { cloud: "china" });
  assert.deepEqual(
    source.requests.map(({ scopes }) => scopes[0]),
    ["https://graph.microsoft.com/.default", "https://microsoftgraph.chinacloudapi.cn/.default"],
  );
});

test("a token that Graph refused is not used again, even if it has not expired", LIMIT, async () => {
  const source = credential(hour);
  const { poll, tokens } = graph((token) => (token === "t1" ? unauthorized("Bearer") : done()));
  await poll(source);
  await poll(source);
  assert.deepEqual(tokens, ["t1", "t2", "t2"]);
});

test("claims are passed to a credential although its token has not expired, and the new token is kept", LIMIT, async () => {
  const source = credential(hour);
  const challenge = 'PoP nonce="ey==", Bearer error="insufficient_claims", claims="e30="';
  const { poll } = graph((token) => (token === "t1" ? unauthorized(challenge) : done()));
  await poll(source);
  await poll(source);
  assert.deepEqual(
    source.requests.map(({ claims }) => claims),
    [undefined, "{}"],
  );
});

test("a credential without a token leads to invalidArgument", LIMIT, async () => {
  const { poll, tokens } = graph();
  for (const token of [null, {}, { token: "" }, { token: 7 }, { token: "a b" }]) {
    await assert.rejects(poll({ getToken: async () => token }), { code: "invalidArgument" });
  }
  assert.equal(tokens.length, 0);
});

test("an invalid token of a credential is not kept: the next call requests another", LIMIT, async () => {
  const { poll, tokens } = graph();
  for (const bad of ['"a"', "Bearer a", "", 7, undefined, "null", "a b"]) {
    let requests = 0;
    const source = { getToken: async () => ({ token: requests++ === 0 ? bad : "good", expiresOnTimestamp: hour() }) };
    await assert.rejects(poll(source), { code: "invalidArgument" });
    await poll(source);
    await poll(source);
    assert.equal(requests, 2, String(bad));
  }
  assert.deepEqual(new Set(tokens), new Set(["good"]));
});

test("a token request that no call awaits is not shared with the next call", LIMIT, async () => {
  const { poll, tokens } = graph();
  let calls = 0;
  const source = { getToken: () => (++calls === 1 ? never() : Promise.resolve({ token: `t${calls}`, expiresOnTimestamp: hour() })) };
  const controller = new AbortController();
  const aborted = poll(source, { signal: controller.signal });
  const late = poll(source, { tokenTimeout: 400 });
  await pause(5);
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  const shares = poll(source, { tokenTimeout: 600 });
  await assert.rejects(late, { code: "unauthorized" });
  await assert.rejects(shares, { code: "unauthorized" });
  assert.equal(calls, 1, "as long as one awaits it, it is everybody's");
  await poll(source);
  assert.deepEqual([calls, tokens], [2, ["t2"]]);
});

test("an invalid expiresOnTimestamp ends no other call", LIMIT, async () => {
  const { poll } = graph();
  const other = poll(async () => {
    await pause(50);
    return "t";
  });
  const evil = { valueOf: () => assert.fail("of the credential") };
  for (const expires of [1n, BigInt(hour()), Symbol("later"), evil, new Date(hour()), "later", {}, null]) {
    const source = credential(() => expires);
    for (let count = 0; count < 2; count++) {
      const [{ reason }] = /** @type {PromiseRejectedResult[]} */ (await Promise.allSettled([poll(source)]));
      assert.ok(reason === undefined || reason.code === "unauthorized", `${typeof expires}: ${reason}`);
    }
  }
  assert.equal((await other).status, "Successful");
});

// --- A token in place of another argument.

const JWT = `eyJ0eXAi.${"eyJhdWQi".repeat(9)}.c2ln-_`;
const TEXTS = { short: "t", opaque: "EwB+/A.-_~0123456==", "like a path": "abc/def", JWT, long: "x".repeat(2_000) };

for (const [kind, token] of Object.entries(TEXTS)) {
  test(`a token that is ${kind} is refused as an id and as a location, and not repeated`, LIMIT, async () => {
    const { fetch, tokens } = graph();
    for (const given of [token, ` ${token}\n`]) {
      const calls = {
        deviceId: [
          () => runDiagnostics(token, given, { fetch }),
          () => runDiagnostics(given, token, { fetch }),
          () => listOperations(token, given, { fetch }).next(),
        ],
        location: [
          () => waitForOperation(given, { token, fetch }),
          () => waitForOperation(token, { token: given, fetch }),
          () => getOperation(given, { token, fetch }),
        ],
      };
      for (const [argument, makeCalls] of Object.entries(calls)) {
        for (const makeCall of makeCalls) {
          const error = await makeCall().then(
            () => assert.fail("it was taken"),
            (error) => error,
          );
          assert.equal(error.code, "invalidArgument");
          assert.ok(error.message.startsWith(`${argument} `), error.message);
          assert.deepEqual([error.deviceId, error.location, error.cause], [undefined, undefined, undefined]);
          if (token.length > 1) assert.ok(!JSON.stringify(error).includes(token));
        }
      }
    }
    assert.equal(tokens.length, 0);
  });
}

test("an id may resemble the token", LIMIT, async () => {
  const accepted = async () => new Response(null, { status: 202, headers: { location: LOCATION } });
  for (const id of ["tt", "T", "t-1", "x".repeat(1_024)]) assert.ok(await runDiagnostics("t", id, { fetch: accepted }));
  await assert.rejects(runDiagnostics("t", "x".repeat(1_025), { fetch: accepted }), {
    code: "invalidArgument",
    message: /^deviceId .*1,024/,
  });
  // The token of a function is not known before it is called.
  assert.ok(await runDiagnostics(() => "t", "d", { fetch: accepted }));
});

// --- Time limits.

test("options.tokenTimeout limits each token request, and the error says what to do", LIMIT, async () => {
  for (const source of [never, { getToken: never }]) {
    const { poll, tokens } = graph();
    const began = performance.now();
    const error = await poll(source, { tokenTimeout: 60 }).catch((error) => error);
    const took = performance.now() - began;
    assert.ok(took >= 55 && took < 5_000, `${took} ms`);
    assert.equal(error.code, "unauthorized");
    assert.equal(error.message, "The token source did not respond within options.tokenTimeout");
    assert.match(error.hint, /token source never settles/);
    assert.equal(error.cause, undefined);
    assert.equal(tokens.length, 0);
  }
});

test("options.tokenTimeout limits each token request, not all together, and options.timeout does not limit them", LIMIT, async () => {
  const { poll, tokens } = graph((token) => (token === "t1" ? unauthorized("Bearer") : done()));
  let calls = 0;
  const slow = async () => {
    calls += 1;
    await pause(150);
    return `t${calls}`;
  };
  await poll(slow, { timeout: 100, tokenTimeout: 280 });
  assert.deepEqual(tokens, ["t1", "t2"]);
});

test("without a limit a token source may take as long as the call", LIMIT, async () => {
  const { poll } = graph();
  await assert.rejects(poll(never, { tokenTimeout: Infinity, operationTimeout: 60 }), { code: "operationTimeout" });
});

test("a start that gets no token has started nothing", LIMIT, async () => {
  const { fetch, tokens } = graph();
  await assert.rejects(runDiagnostics(never, "d", { fetch, tokenTimeout: 20 }), {
    code: "unauthorized",
    mayHaveStarted: false,
    deviceId: "d",
  });
  assert.equal(tokens.length, 0);
});
