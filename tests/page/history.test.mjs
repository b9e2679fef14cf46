// The history: what is kept after a visit, for whom and for how long, and what can be done with it.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";
import { Portal } from "./portal.mjs";

const item = (page) => page.locator("#runs").getByRole("listitem").filter({ hasText: "·" });
const posts = (sent) => sent.filter((call) => call.startsWith("POST"));

/** Everything in the page's databases, as text. @param {import("playwright-core").Page} page */
const databases = (page) =>
  page.evaluate(async () => {
    const done = (/** @type {IDBRequest} */ request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const open = await done(indexedDB.open("teams-device-diagnostics"));
    const names = [...open.objectStoreNames];
    const transaction = open.transaction(names);
    const rows = await Promise.all(names.map((name) => done(transaction.objectStore(name).getAll())));
    open.close();
    return JSON.stringify(rows);
  });

/** Changes the rows of a store of the database. @param {import("playwright-core").Page} page @param {string} store @param {string} change the body of a function of `row` */
const rewritten = (page, store, change) =>
  page.evaluate(
    async ([store, change]) => {
      const done = (/** @type {IDBRequest} */ request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const open = await done(indexedDB.open("teams-device-diagnostics"));
      const transaction = open.transaction(store, "readwrite");
      const rows = await done(transaction.objectStore(store).getAll());
      for (const row of rows) {
        // The page forbids to compile code, so that the change is one of these.
        if (change === "old") row.at = new Date(Date.now() - 31 * 24 * 60 * 60_000);
        if (change === "broken") row.startedAt = "soon";
        transaction.objectStore(store).put(row);
      }
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      open.close();
    },
    [store, change],
  );

/** A token for Graph that names its account. @param {string} account */
function tokenOf(account) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ tid: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", oid: account })}.signature-of-${account}`;
}

const ended = (page, text) => page.getByText(text, { exact: true }).waitFor({ timeout: 30_000 });

describe("the history", AT_ONCE, () => {
  pageTest(
    "has a batch after it was removed from the table; it can be shown again, reported and forgotten",
    async ({ page, portal }) => {
      await portal.run("successful", "failed");
      await ended(page, "2 of 2 ended · 1 failed");
      await portal.pressForAll("Remove ended");
      await page.getByText("Nothing has been run yet").waitFor();
      await page.waitForURL((url) => url.hash === "");
      await page.reload();
      await portal.isListed();
      await page.getByText("Nothing has been run yet").waitFor();
      await page.getByText("History · 1 batch").click();
      await item(page).getByText("2 runs · 1 succeeded · 1 failed").waitFor();
      const { file, text } = await portal.download(/^Download CSV of/);
      assert.match(file, /^teams-device-diagnostics-\d{4}-\d\d-\d\d\.csv$/);
      assert.match(text, /"failed",.*"Diagnostics failed"/);
      assert.match(text, /"successful",.*"Diagnostics succeeded"/);
      await item(page).getByRole("link").click();
      await ended(page, "2 of 2 ended · 1 failed");
      await portal.outcome("failed", "Diagnostics failed");
      assert.ok((await portal.timeline("failed")).length > 1, "with its timeline");
      await item(page)
        .getByRole("button", { name: /^Forget/ })
        .click();
      await page.getByText("Nothing has been run yet").waitFor();
      await page.reload();
      await portal.isListed();
      assert.equal(await page.getByText(/^History/).count(), 0);
      assert.equal(await databases(page), "[[],[]]");
    },
    { paceMs: 100 },
  );

  pageTest(
    "gives each run an address that leads to it after a reload, and in another tab",
    async ({ page, portal, origin }) => {
      await portal.run("successful", "failed", "bare");
      await ended(page, "3 of 3 ended · 1 failed");
      await portal.outcome("failed", "Diagnostics failed");
      await page.waitForURL(/#batch\/[0-9a-f]{16}\/run\/1$/);
      const address = page.url();
      await page.reload();
      await page.getByRole("article", { name: await portal.name("failed"), exact: true }).waitFor();
      const other = await page.context().newPage();
      await other.goto(address);
      await other.getByRole("article", { name: await portal.name("failed"), exact: true }).waitFor();
      assert.equal(await new Portal(other, origin).runs.getByRole("row", { selected: true }).count(), 1);
      await other.goto(`${origin}/#batch/0123456789abcdef`);
      await other.reload();
      await other.getByText(/^The address leads to a batch that is not in the history/).waitFor();
    },
    { paceMs: 100 },
  );

  pageTest(
    "is kept by account, without a token, and only the account itself goes on",
    async ({ page, portal, sent }) => {
      const give = (account) => portal.giveToken(tokenOf(account));
      await give("ada");
      await portal.run("queued", "failed");
      await portal.entry("queued", "Queued");
      await portal.outcome("failed", "Diagnostics failed");
      const kept = await databases(page);
      assert.match(kept, /"ada"|\/ada"/);
      assert.ok(!kept.includes("signature-of-ada") && !kept.includes(tokenOf("ada").split(".")[1]), "no token");
      await page.reload();
      await page.getByRole("region", { name: "Sign in to go on – 1 run is paused" }).waitFor();
      const before = sent.length;
      await give("bob");
      await portal.isListed();
      await page.getByText("Nothing has been run yet").waitFor();
      assert.equal(await page.getByText(/^History/).count(), 0);
      await give("ada");
      await portal.entry("queued", "Resumed after a reload");
      await page.getByText("History · 1 batch").waitFor();
      await portal.entry("queued", "Queued");
      assert.ok(sent.slice(before).every((call) => call.startsWith("GET")));
      assert.equal(posts(sent).length, 2);
    },
    { plain: true, paceMs: 300 },
  );

  pageTest(
    "is forgotten after thirty days",
    async ({ page, portal }) => {
      await portal.run("successful");
      await portal.outcome("successful", "Diagnostics succeeded");
      await page.getByText("History · 1 batch").waitFor();
      await rewritten(page, "batches", "old");
      await page.reload();
      await portal.isListed();
      await page.getByText("Nothing has been run yet").waitFor();
      assert.equal(await databases(page), "[[],[]]");
    },
    { paceMs: 100 },
  );

  pageTest(
    "that another version has written is ignored",
    async ({ page, portal }) => {
      await portal.run("successful");
      await portal.outcome("successful", "Diagnostics succeeded");
      await page.getByText("History · 1 batch").waitFor();
      await rewritten(page, "runs", "broken");
      await page.reload();
      await portal.isListed();
      await page.getByText("Nothing has been run yet").waitFor();
    },
    { paceMs: 100 },
  );

  pageTest("is missing where the browser keeps nothing, and runs work all the same", async ({ page, portal }) => {
    await page.addInitScript(() => {
      for (const name of ["indexedDB", "sessionStorage", "localStorage"])
        Object.defineProperty(globalThis, name, {
          get() {
            throw new DOMException("denied", "SecurityError");
          },
        });
      Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
    });
    await page.reload();
    await portal.run("successful");
    await portal.outcome("successful", "Diagnostics succeeded");
    assert.equal(await page.getByText(/^History/).count(), 0);
  });
});

describe("two tabs", AT_ONCE, () => {
  /** Another tab of the page. @param {import("./browser.mjs").Watched} watched */
  async function another({ page, portal, origin }) {
    const other = await page.context().newPage();
    await other.goto(new URL(page.url()).origin);
    const second = new Portal(other, origin);
    second.names = await portal.allNames();
    await second.isListed();
    return second;
  }
  const state = async (portal, id, name) => (await portal.line(id)).getByRole("gridcell", { name }).waitFor({ timeout: 30_000 });

  pageTest(
    "show the same runs, of which one tab follows each",
    async (watched) => {
      const { page, portal, sent } = watched;
      const second = await another(watched);
      await portal.run("successful", "failed");
      for (const id of ["successful", "failed"]) await state(second, id, "In another tab");
      await (await second.article("failed")).getByText(/^Another tab of this page follows this run/).waitFor();
      await state(second, "failed", "Failed");
      await state(second, "successful", "Succeeded");
      await portal.pressForAll("Run failed again");
      await state(second, "failed", "In another tab");
      await state(second, "failed", "Failed");
      await portal.pressForAll("Remove ended");
      await second.page.getByText("Nothing has been run yet").waitFor();
      assert.equal(posts(sent).length, 3);
      await page.getByText("History · 1 batch").waitFor();
    },
    { paceMs: 400 },
  );

  pageTest(
    "do not start a device twice, and the one that stays goes on when the other is closed",
    async (watched) => {
      const { page, portal, sent, origin } = watched;
      await portal.run("slow");
      await portal.entry("slow", /Queued|Scheduled/);
      const second = await another(watched);
      await state(second, "slow", "In another tab");
      await second.run("slow");
      await second.announcements.getByText(/1 device left out: already running/).waitFor();
      await page.close();
      await second.entry("slow", "Resumed after another tab was closed");
      await second.outcome("slow", "Diagnostics succeeded");
      assert.equal(posts(sent).length, 1);
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      assert.equal(requests.filter(({ method }) => method === "POST").length, 1);
    },
    { paceMs: 500 },
  );

  pageTest(
    "start a device once when both are asked at the same moment",
    async (watched) => {
      const { portal, origin } = watched;
      const second = await another(watched);
      await portal.select("slow", "bare");
      await second.select("slow", "bare");
      await Promise.all([portal.runButton.click(), second.runButton.click()]);
      for (const tab of [portal, second]) for (const id of ["slow", "bare"]) await state(tab, id, "Succeeded");
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      assert.equal(requests.filter(({ method }) => method === "POST").length, 2);
    },
    { paceMs: 200 },
  );
});

describe("what was begun", AT_ONCE, () => {
  const started = async (origin, id) => {
    const requests = await (await fetch(`${origin}/simulator/requests`)).json();
    return requests.filter(({ method, target }) => method === "POST" && target.includes(`/${id}/`)).length;
  };

  pageTest(
    "is not ended by a reload after the user has gone on",
    async ({ page, portal, origin }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await portal.press("queued", "Stop waiting");
      await portal.outcome("queued", "You stopped waiting");
      await portal.press("queued", "Go on waiting");
      await portal.entry("queued", "Waiting again");
      await page.reload();
      await portal.entry("queued", "Resumed after a reload");
      await page.getByText("0 of 1 ended", { exact: true }).waitFor();
      assert.equal(await started(origin, "queued"), 1);
    },
    { paceMs: 20_000 },
  );

  for (const locks of [true, false])
    pageTest(
      `is begun once by two presses, ${locks ? "with" : "without"} locks`,
      async ({ page, portal, origin }) => {
        if (!locks) await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
        await page.route("**/run-page.js", async (route) => {
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          await route.continue();
        });
        await page.reload();
        await portal.select("failed", "bare");
        await portal.runButton.evaluate((/** @type {HTMLElement} */ button) => {
          button.click();
          setTimeout(() => button.click(), 100);
        });
        await page.getByText("2 of 2 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
        const again = page.getByRole("toolbar", { name: "All runs" }).getByRole("button", { name: "Run failed again" });
        await again.evaluate((/** @type {HTMLElement} */ button) => {
          button.click();
          button.click();
        });
        await page.getByText("1 of 2 ended", { exact: true }).waitFor();
        await page.getByText("2 of 2 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
        assert.deepEqual([await started(origin, "failed"), await started(origin, "bare")], [2, 1]);
      },
      { paceMs: 300 },
    );

  pageTest(
    "stays that of its account when another one has access",
    async ({ page, portal, origin }) => {
      await portal.giveToken(tokenOf("ada"));
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      const change = page.getByRole("button", { name: "Change", exact: true });
      await change.click();
      await portal.giveToken(tokenOf("bob"));
      await page.getByText("Nothing has been run yet").waitFor();
      await change.click();
      await portal.openOtherWays();
      await portal.tokenField.fill(tokenOf("ada").slice(0, -3));
      await page.waitForTimeout(500);
      await page.getByText("Nothing has been run yet").waitFor();
      await portal.giveToken(tokenOf("ada"));
      await portal.entry("queued", "Resumed after a reload");
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      const ofRun = requests.filter(({ target }) => target.includes("/queued/"));
      assert.deepEqual([...new Set(ofRun.map(({ headers }) => headers.authorization))], [`Bearer ${tokenOf("ada")}`]);
    },
    { plain: true, paceMs: 20_000, timeout: 90_000 },
  );

  pageTest(
    "is begun although the database does not respond, and the page says that nothing is kept",
    async ({ page, portal }) => {
      await page.addInitScript(() => {
        const open = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (...given) {
          const request = open.apply(this, given);
          for (const event of ["success", "upgradeneeded"])
            request.addEventListener(event, (event) => event.stopImmediatePropagation(), { capture: true });
          return request;
        };
      });
      await page.reload();
      await portal.run("successful");
      await portal.outcome("successful", "Diagnostics succeeded");
      await page.getByText(/^This browser keeps nothing at present/).waitFor();
    },
    { paceMs: 100 },
  );

  pageTest(
    "is not forgotten while it runs",
    async ({ page, portal, origin }) => {
      await portal.run("failed");
      await portal.outcome("failed", "Diagnostics failed");
      await page.getByText("History · 1 batch").click();
      const forget = item(page).getByRole("button", { name: /^Forget/ });
      await forget.waitFor();
      await page.evaluate(() => {
        const button = (/** @type {string} */ text) =>
          [...document.querySelectorAll("button")].find(({ textContent }) => textContent === text);
        button("Run again")?.click();
        button("Forget")?.click();
      });
      await portal.entry("failed", "Started again");
      await portal.outcome("failed", "Diagnostics failed");
      await page.getByText("History · 1 batch").waitFor();
      assert.equal(await started(origin, "failed"), 2);
    },
    { paceMs: 300 },
  );

  pageTest(
    "is shown as soon as the part about runs can be downloaded",
    async ({ page, portal, origin }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await page.route("**/run-page.js*", (route) => route.abort("connectionfailed"));
      await page.reload();
      await page.getByText("The runs cannot be shown").waitFor();
      await page.unroute("**/run-page.js*");
      await page.getByRole("button", { name: "Try again" }).click();
      await portal.entry("queued", "Resumed after a reload");
      assert.equal(await started(origin, "queued"), 1);
    },
    { paceMs: 20_000, provokes: true },
  );
});
