// What a user does with many runs at once: see how far they are, filter them, and act on all of them.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const posts = (sent) => sent.filter((call) => call.startsWith("POST"));

/** Runs diagnostics on the first devices of the list; returns their number. */
async function runFirst({ page, portal }, count) {
  await portal.isListed();
  await portal.rows.first().getByRole("checkbox").check();
  for (let pressed = 1; pressed < count; pressed++) await page.keyboard.press("Shift+ArrowDown");
  await portal.runButton.click();
  await portal.dialog(count).getByRole("button", { name: "Run", exact: true }).click();
}

const chip = (page, name) => page.getByRole("group", { name: "Show runs" }).getByRole("button", { name });
const lines = (portal) => portal.runs.getByRole("rowheader");

describe("a batch", AT_ONCE, () => {
  pageTest(
    "of many runs is a table of lines, no longer than the screen, of which only those in sight are in the page",
    async (watched) => {
      const { page, portal } = watched;
      await runFirst(watched, 120);
      await page.getByText(/^\d+ of 120 ended/).waitFor();
      assert.equal(await portal.runs.getAttribute("aria-rowcount"), "121");
      const heights = await lines(portal).evaluateAll((found) => found.map((line) => line.getBoundingClientRect().height));
      assert.deepEqual([...new Set(heights)], [44]);
      assert.ok(heights.length < 60, `${heights.length} lines`);
      const { height } = await page.locator("#runs").evaluate((part) => part.getBoundingClientRect().toJSON());
      assert.ok(height <= 800, `${height} px`);
      assert.match(await page.title(), /^\d+ of 120/);
      await portal.runs.getByRole("row", { selected: true }).focus();
      await page.keyboard.press("End");
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex")), "121");
      await page.keyboard.press("ArrowUp");
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex")), "120");
      assert.equal(await portal.runs.locator("tr[tabindex='0']").count(), 1, "Tab stops once");
    },
    { tenant: "many", viewport: { width: 1280, height: 800 }, paceMs: 20_000 },
  );

  pageTest(
    "is filtered by outcome, and what failed is run again in its place",
    async ({ page, portal, sent }) => {
      await portal.run("successful", "failed", "bare");
      await page.getByText("3 of 3 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
      assert.equal(await chip(page, "Running").count(), 0);
      await chip(page, "Failed 1").click();
      assert.deepEqual(await lines(portal).allInnerTexts(), [await portal.name("failed")]);
      await portal.pressForAll("Run failed again");
      await portal.runs.waitFor({ state: "detached" });
      await chip(page, "All 3").click();
      await page.getByText("3 of 3 ended · 1 failed", { exact: true }).waitFor({ timeout: 30_000 });
      await portal.entry("failed", "Started again");
      assert.equal(posts(sent).filter((call) => call.includes("/failed/")).length, 2);
      assert.equal(posts(sent).length, 4);
      await chip(page, "Succeeded 2").click();
      await portal.pressForAll("Select these devices");
      await page.getByRole("button", { name: "Run diagnostics on 2 devices" }).waitFor();
      await portal.pressForAll("Remove ended");
      await page.getByText("Nothing has been run yet").waitFor();
    },
    { paceMs: 300 },
  );

  pageTest(
    "is stopped as a whole, and goes on as a whole",
    async ({ page, portal, sent }) => {
      await portal.run("queued", "slow");
      await portal.entry("queued", "Queued");
      await portal.entry("slow", "Queued");
      await portal.pressForAll("Stop all");
      await page.getByText("2 of 2 ended", { exact: true }).waitFor();
      await portal.pressForAll("Go on with all");
      await portal.entry("queued", "Waiting again");
      await portal.entry("slow", "Waiting again");
      await page.getByText("0 of 2 ended", { exact: true }).waitFor();
      assert.equal(posts(sent).length, 2);
    },
    { paceMs: 20_000 },
  );

  pageTest("is taken back as far as nothing was sent", async ({ page, portal, sent }) => {
    let release = () => {};
    const released = new Promise((resolve) => (release = () => resolve(undefined)));
    await page.route("**/runDiagnostics", (route) => released.then(() => route.continue()));
    await portal.run("queued", "slow", "bare");
    await page.waitForFunction(() => document.querySelectorAll("table.runs td.state").length === 3);
    await portal.runs.getByRole("gridcell", { name: "Starting" }).waitFor();
    await portal.pressForAll("Take back what has not started");
    await chip(page, "Taken back 2").waitFor();
    release();
    await portal.outcome("slow", "Diagnostics succeeded");
    assert.equal(posts(sent).length, 1);
  });

  pageTest(
    "that was started later is a batch of its own",
    async ({ page, portal }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await portal.run("slow");
      await page.getByText("0 of 2 ended", { exact: true }).waitFor();
      const choice = page.getByRole("combobox", { name: "Batch" });
      const [, newest] = await choice.getByRole("option").evaluateAll((found) => found.map((option) => option.getAttribute("value")));
      await choice.selectOption(newest);
      await page.getByText("0 of 1 ended", { exact: true }).waitFor();
      assert.deepEqual(await lines(portal).allInnerTexts(), [await portal.name("slow")]);
    },
    { paceMs: 20_000 },
  );

  pageTest(
    "is announced as totals, and each failure by its name",
    async ({ page, portal }) => {
      await portal.isListed();
      await page.evaluate(() => {
        const said = (window.said = []);
        const region = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
        new MutationObserver((changes) =>
          changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => said.push(node.textContent))),
        ).observe(region, { childList: true });
      });
      await portal.run("successful", "failed", "bare", "late");
      await page.getByText("4 of 4 ended · 1 failed").first().waitFor({ timeout: 30_000 });
      await portal.announcements.getByText("4 of 4 ended · 1 failed.").waitFor();
      const said = await page.evaluate(() => window.said);
      assert.ok(
        said.some((text) => text.includes("Room Oslo: Diagnostics failed.")),
        said.join("|"),
      );
      assert.ok(said.filter((text) => /of 4 ended/.test(text)).length <= 2, said.join("|"));
      assert.equal(
        said.some((text) => /Queued|Scheduled/.test(text)),
        false,
      );
    },
    { paceMs: 200 },
  );

  pageTest(
    "is out of sight on a narrow screen, where a bar leads to it and the details are a dialog",
    async ({ page, portal }) => {
      await portal.run("queued");
      const bar = page.getByRole("navigation", { name: "Running" });
      await bar.getByText("1 running").waitFor();
      assert.equal(await page.getByRole("article").count(), 0);
      await bar.getByRole("link", { name: "View" }).click();
      await portal.article("queued");
      await page.getByRole("dialog", { name: "Run" }).getByRole("button", { name: "Stop waiting" }).waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-rowindex")), "2", "the focus is back");
    },
    { viewport: { width: 400, height: 700 } },
  );
});
