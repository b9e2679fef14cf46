// Lists of the built package, page by page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listDevices, listOperations } from "../../pkg/dist/index.js";

const LIMIT = { timeout: 20_000 };
test("a list is read page by page, as it is needed", LIMIT, async () => {
  const requests = [];
  const fetch = async (url) => {
    requests.push(url);
    const page = requests.length;
    return Response.json({
      value: [
        { id: `${page}a`, status: "Queued" },
        { id: `${page}b`, status: "successful", operationType: "deviceRestart" },
      ],
      "@odata.nextLink": page < 3 ? `/teamwork/devices/d/operations?$skiptoken=${page}` : undefined,
    });
  };
  const found = [];
  for await (const operation of listOperations("t", "d", { fetch })) found.push(`${operation.id} ${operation.state}`);
  assert.deepEqual(found, ["1a queued", "1b successful", "2a queued", "2b successful", "3a queued", "3b successful"]);
  assert.equal(requests[1], "https://graph.microsoft.com/beta/teamwork/devices/d/operations?$skiptoken=1");

  requests.length = 0;
  for await (const operation of listOperations("t", "d", { fetch })) if (operation.id === "1b") break;
  assert.equal(requests.length, 1, "pages that nobody needs are not requested");

  requests.length = 0;
  for (const missing of /** @type {any[]} */ (["", undefined])) {
    await assert.rejects(listOperations("t", missing, { fetch }).next(), { code: "invalidArgument" });
  }
  assert.equal(requests.length, 0);
});

test("a list that is left ends, also when the value that it is left with fails", LIMIT, async () => {
  const fetch = async () => Response.json({ value: [{ id: "1" }, { id: "2" }] });
  const list = listOperations("t", "d", { fetch });
  assert.equal((await list.next()).value.id, "1");
  const failure = new Error("of the value");
  assert.ok(list.return);
  await assert.rejects(list.return(Promise.reject(failure)), failure);
  assert.deepEqual(await list.next(), { value: undefined, done: true });
});

/** All ids of a list. */
async function idsOf(items) {
  const ids = [];
  for await (const { id } of items) ids.push(id);
  return ids;
}

/** Pages with the given numbers of items; the last one has no link. */
function pagesOf(pages, items) {
  const bodies = Array.from({ length: pages }, (_, page) =>
    JSON.stringify({
      value: Array.from({ length: items }, (_, item) => ({ id: `${page}-${item}`, healthStatus: "healthy" })),
      "@odata.nextLink": page + 1 < pages ? `/teamwork/devices?$skiptoken=${page + 1}` : undefined,
    }),
  );
  return {
    sent: 0,
    fetch(url) {
      this.sent += 1;
      return Promise.resolve(new Response(bodies[Number(new URL(url).searchParams.get("$skiptoken") ?? 0)]));
    },
  };
}

/** The processor time that reading a list takes, which does not depend on other load. */
async function processorMs(run) {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test("the time for one page grows with the number of its items, not with their square", LIMIT, async () => {
  const page = pagesOf(1, 40_000);
  const took = await processorMs(async () =>
    assert.equal(new Set(await idsOf(listDevices("t", { fetch: (url) => page.fetch(url) }))).size, 40_000),
  );
  assert.ok(took < 3_000, `${took} ms`);
});

test("listing 3,000 devices takes well under a second of processor time", LIMIT, async () => {
  const tenant = pagesOf(60, 50);
  const list = () => idsOf(listDevices("t", { fetch: (url) => tenant.fetch(url) }));
  await list();
  const took = await processorMs(async () => assert.equal((await list()).length, 3_000));
  assert.ok(took < 800, `${took} ms`);
  assert.equal(tenant.sent, 120);
});

test("a list may have more than a thousand pages", LIMIT, async () => {
  const tenant = pagesOf(1_500, 2);
  assert.equal((await idsOf(listDevices("t", { fetch: (url) => tenant.fetch(url) }))).length, 3_000);
});

test("an abort between the items of a page takes effect at once, also on the last page", LIMIT, async () => {
  for (const pages of [1, 2]) {
    const tenant = pagesOf(pages, 20_000);
    const controller = new AbortController();
    const seen = [];
    const reading = async () => {
      for await (const { id } of listDevices("t", { fetch: (url) => tenant.fetch(url), signal: controller.signal })) {
        seen.push(id);
        if (seen.length === 10) controller.abort("enough");
      }
    };
    await assert.rejects(reading(), (reason) => reason === "enough");
    assert.deepEqual([seen.length, tenant.sent], [10, 1]);
  }
});
