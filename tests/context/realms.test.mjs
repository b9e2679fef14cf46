// Several realms on one page: an iframe has its own Error, Promise, AbortSignal and Response, and a caller may pass values of any realm.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openSite } from "./site.mjs";

const LIMIT = { timeout: 60_000 };

let site;
before(async () => {
  site = await openSite({
    "/": { html: '<!doctype html><iframe src="/frame"></iframe><script type="module" src="/tests/context/realms-page.mjs"></script>' },
    "/frame": { html: '<!doctype html><script type="module">import * as api from "/pkg/dist/index.js"; window.api = api;</script>' },
  });
});
after(() => site?.close());

async function open(t) {
  const { page } = await site.open(t, "/");
  await page.waitForFunction(() => window.realms && window.frames[0].api);
  return (name) => page.evaluate((name) => window.realms[name](window.frames[0]), name);
}

test("errors of an iframe's copy are recognised, and those of the page in the iframe", LIMIT, async (t) => {
  const call = await open(t);
  assert.deepEqual(await call("errors"), { isOfThisRealm: false, ofFrame: true, ofPage: true, plain: [false, false], code: "forbidden" });
});

test("options, signals, tokens and responses of an iframe work like the page's own", LIMIT, async (t) => {
  const call = await open(t);
  assert.deepEqual(await call("foreign"), {
    location: "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o",
    status: "Successful",
    events: ["started", "status"],
    scopes: [["https://graph.microsoft.com/.default"], ["https://graph.microsoft.com/.default"]],
  });
});

test("the signal of an iframe aborts a call of the page, with the iframe's own reason", LIMIT, async (t) => {
  const call = await open(t);
  assert.deepEqual(await call("aborts"), { isReason: true, name: "AbortError" });
});

test("members of the iframe's Object.prototype are not options either", LIMIT, async (t) => {
  const call = await open(t);
  assert.deepEqual(await call("polluted"), ["https://graph.microsoft.com/beta/teamwork/devices/d/runDiagnostics"]);
});

test("a call goes on after the iframe of its options was removed", LIMIT, async (t) => {
  const call = await open(t);
  assert.equal(await call("removed"), "Successful");
});
