// Token sources of the built package, and lists: asked one call at a time, kept as long as a credential's token is good, asked
// again when Graph refuses a token.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getOperation, listOperations } from "../../pkg/dist/index.js";

const LOCATION = "/teamwork/devices/d/operations/o";
const done = () => Response.json({ id: "o", status: "Successful" });
const unauthorized = (challenge) => new Response("", { status: 401, headers: { "www-authenticate": challenge } });
const hour = () => Date.now() + 3_600_000;

/** A fetch that answers with what `answer` says of the token, and writes the tokens down. */
function graph(answer = done) {
  const tokens = [];
  const fetch = async (url, { headers }) => {
    const token = headers.get("authorization").replace("Bearer ", "");
    tokens.push(token);
    return answer(token);
  };
  return { tokens, look: (token) => getOperation(LOCATION, { token, fetch }) };
}

/** A credential whose tokens are numbered, and what it was asked for. */
function credential(expiresOnTimestamp) {
  const asked = [];
  return {
    asked,
    getToken: async (scopes, options) => {
      asked.push({ scopes, ...options });
      return { token: `t${asked.length}`, expiresOnTimestamp: expiresOnTimestamp() };
    },
  };
}

test("calls side by side share one question to their source", async () => {
  const { look, tokens } = graph();
  let running = 0;
  let most = 0;
  let calls = 0;
  const source = async ({ scopes }) => {
    assert.deepEqual(scopes, ["https://graph.microsoft.com/.default"]);
    calls += 1;
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    return `t${calls}`;
  };
  await Promise.all(Array.from({ length: 20 }, () => look(source)));
  assert.deepEqual([calls, most], [1, 1]);
  await look(source);
  assert.equal(calls, 2, "a function is asked for every request");
  assert.deepEqual([tokens.length, tokens.at(-1)], [21, "t2"]);
});

test("a credential's token is used until two minutes before it expires", async () => {
  const { look } = graph();
  const lasting = credential(hour);
  for (let count = 0; count < 3; count++) await look(lasting);
  assert.equal(lasting.asked.length, 1);
  assert.deepEqual(lasting.asked[0], { scopes: ["https://graph.microsoft.com/.default"], enableCae: true });
  for (const expires of [() => Date.now() + 119_000, () => Date.now() - 1, () => undefined, () => Number.NaN]) {
    const short = credential(expires);
    await look(short);
    await look(short);
    assert.equal(short.asked.length, 2, String(expires()));
  }
});

test("a token that Graph refused is not used again, however long it would last", async () => {
  const source = credential(hour);
  const { look, tokens } = graph((token) => (token === "t1" ? unauthorized("Bearer") : done()));
  await look(source);
  await look(source);
  assert.deepEqual(tokens, ["t1", "t2", "t2"]);
});

test("claims reach a credential although its token would last, and the new token is kept", async () => {
  const source = credential(hour);
  const challenge = 'PoP nonce="ey==", Bearer error="insufficient_claims", claims="e30="';
  const { look } = graph((token) => (token === "t1" ? unauthorized(challenge) : done()));
  await look(source);
  await look(source);
  assert.deepEqual(source.asked.map(({ claims }) => claims), [undefined, "{}"]);
});

test("a source that failed is asked again by the next call", async () => {
  const { look, tokens } = graph();
  let calls = 0;
  const source = () => {
    if (++calls === 1) throw new TypeError("signed out");
    return "t";
  };
  const [first, second] = await Promise.allSettled([look(source), look(source)]);
  for (const { reason } of [first, second]) {
    assert.equal(reason.code, "unauthorized");
    assert.equal(reason.cause.message, "signed out");
  }
  assert.equal(tokens.length, 0, "nothing is sent without a token");
  await look(source);
});

test("a credential that gives nothing is a wrong argument", async () => {
  const { look, tokens } = graph();
  for (const answer of [null, {}, { token: "" }, { token: 7 }, { token: "a b" }]) {
    await assert.rejects(look({ getToken: async () => answer }), { code: "invalidArgument" });
  }
  assert.equal(tokens.length, 0);
});

test("a list is read page by page, as it is needed", async () => {
  const requests = [];
  const fetch = async (url) => {
    requests.push(url);
    const page = requests.length;
    return Response.json({
      value: [{ id: `${page}a`, status: "Queued" }, { id: `${page}b`, status: "successful", operationType: "deviceRestart" }],
      "@odata.nextLink": page < 3 ? `/teamwork/devices/d/operations?$skiptoken=${page}` : undefined,
    });
  };
  const found = [];
  for await (const operation of listOperations("t", "d", { fetch })) found.push(`${operation.id} ${operation.state}`);
  assert.deepEqual(found, ["1a queued", "1b successful", "2a queued", "2b successful", "3a queued", "3b successful"]);
  assert.equal(requests[1], "https://graph.microsoft.com/beta/teamwork/devices/d/operations?$skiptoken=1");

  requests.length = 0;
  for await (const operation of listOperations("t", "d", { fetch })) if (operation.id === "1b") break;
  assert.equal(requests.length, 1, "pages that nobody needs are not asked for");

  requests.length = 0;
  for (const missing of ["", undefined]) {
    await assert.rejects(listOperations("t", missing, { fetch }).next(), { code: "invalidArgument" });
  }
  assert.equal(requests.length, 0);
});
