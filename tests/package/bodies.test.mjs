// The bodies of responses: how much of them is read, and how it is decoded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getOperation, listDevices } from "../../pkg/dist/index.js";
import { allItems } from "../shared/all-items.mjs";
import { asFetch } from "../shared/fetch.mjs";

const LIMIT = { timeout: 20_000 };
const LOCATION = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
const BODY = '{"value":{"id":"o","operationType":"deviceDiagnostics","status":"Successful"}}';

/** A body that goes on until it is cancelled, in chunks of the given size. */
function endless(bytes) {
  const seen = { bytes: 0, isCancelled: false };
  const pull = (controller) => {
    seen.bytes += bytes;
    controller.enqueue(new Uint8Array(bytes).fill(32));
  };
  return {
    seen,
    stream: (signal) => {
      const stream = new ReadableStream({ pull, cancel: () => void (seen.isCancelled = true) });
      signal.addEventListener("abort", () => void (seen.isCancelled = true));
      return stream;
    },
  };
}

test("a body without end is read up to 1 MB, rejected as not an operation, and cancelled", LIMIT, async () => {
  const { seen, stream } = endless(100_000);
  const fetch = asFetch(async (_url, { signal }) => new Response(stream(signal)));
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }), {
    code: "protocol",
    statusCode: 200,
    location: LOCATION,
  });
  assert.ok(seen.bytes < 2_000_000, `${seen.bytes} bytes`);
  assert.ok(seen.isCancelled);
});

test("the limit applies after decompression", LIMIT, async () => {
  const zipped = await new Response(new Blob([" ".repeat(50_000_000)]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  const fetch = async () =>
    new Response(new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip")), {
      headers: { "content-encoding": "gzip", "content-length": `${zipped.byteLength}` },
    });
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }), { code: "protocol" });
});

test("a body of text() that is too long is not parsed", LIMIT, async () => {
  /** @type {any} not a Response, but sufficient */
  const fetch = async () => ({ status: 200, headers: new Map(), text: () => BODY.padEnd(2 ** 20 + 1) });
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch, maxRetries: 0 }), { code: "protocol" });
});

test("a page of a list may be longer, up to 64 MB", LIMIT, async () => {
  const page = (length) => JSON.stringify({ value: [{ id: "d", notes: "x".repeat(length) }] });
  const long = async () => new Response(new Blob([page(5_000_000)]).stream());
  assert.equal((await allItems(listDevices("t", { fetch: long }))).length, 1);
  /** @type {any} not a Response, but sufficient */
  const tooLong = async () => ({ status: 200, headers: new Map(), text: () => page(2 ** 26) });
  await assert.rejects(allItems(listDevices("t", { fetch: tooLong, maxRetries: 0 })), { code: "protocol" });
});

test("a body that comes in chunks is decoded correctly, even if they split a character", LIMIT, async () => {
  const bytes = new TextEncoder().encode(`\uFEFF${JSON.stringify({ id: "o", status: "Successful", note: "äöü€😀" })}`);
  const pieces = () =>
    new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
  assert.equal((await getOperation(LOCATION, { token: "t", fetch: async () => new Response(pieces()) })).note, "äöü€😀");
});

test("a byte order mark before the JSON of a replacement is skipped", LIMIT, async () => {
  /** @returns {any} not a Response, but sufficient */
  const stub = (text) => async () => ({ status: 200, headers: new Map(), text: async () => text });
  assert.equal((await getOperation(LOCATION, { token: "t", fetch: stub(`\uFEFF${BODY}`) })).status, "Successful");
  assert.deepEqual(await allItems(listDevices("t", { fetch: stub('\uFEFF{"value":[{"id":"d"}]}') })), [{ id: "d" }]);
  /** @type {any} not a Response, but sufficient */
  const refused = async () => ({
    status: 403,
    headers: new Map(),
    text: async () => '\uFEFF{"error":{"code":"Forbidden","message":"No."}}',
  });
  await assert.rejects(getOperation(LOCATION, { token: "t", fetch: refused }), { code: "forbidden", graphCode: "Forbidden" });
});
