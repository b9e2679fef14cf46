// Lists of the built package, page by page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listOperations } from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
test("a list is read page by page, as it is needed", LIMIT, async () => {
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

test("a list that is left ends, also when the value that it is left with fails", LIMIT, async () => {
  const fetch = async () => Response.json({ value: [{ id: "1" }, { id: "2" }] });
  const list = listOperations("t", "d", { fetch });
  assert.equal((await list.next()).value.id, "1");
  const failure = new Error("of the value");
  await assert.rejects(list.return(Promise.reject(failure)), failure);
  assert.deepEqual(await list.next(), { value: undefined, done: true });
});
