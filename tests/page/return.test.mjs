// Leaving the page and coming back: unfinished runs are resumed, at once or with a token, and nothing is started twice.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const posts = (sent) => sent.filter((call) => call.startsWith("POST"));
const TOKEN = "a-token-that-nobody-may-see";

const storage = (page) => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));

/** Reads the list of the global Graph with a token. */
async function listed({ portal }) {
  await portal.giveToken(TOKEN);
  await portal.isListed();
}

describe("a reload", AT_ONCE, () => {
  pageTest(
    "resumes every unfinished run of the simulated Graph at once",
    async ({ page, portal, sent }) => {
      await portal.run("slow", "queued", "failed");
      for (const id of ["slow", "queued", "failed"]) await portal.entry(id, /Queued|Scheduled|InProgress|Failed/);
      await portal.outcome("failed", "Diagnostics failed");
      await page.reload();
      await portal.entry("slow", "Resumed after a reload");
      await portal.entry("queued", "Queued");
      await portal.outcome("failed", "Diagnostics failed");
      await portal.outcome("slow", "Diagnostics succeeded");
      await portal.press("queued", "Stop waiting");
      await page.reload();
      await portal.runs.waitFor();
      await portal.outcome("queued", "You stopped waiting");
      await portal.outcome("slow", "Diagnostics succeeded");
      await portal.press("queued", "Go on waiting");
      await portal.entry("queued", "Waiting again");
      assert.equal(posts(sent).length, 3);
    },
    { paceMs: 300 },
  );

  pageTest(
    "asks for a token where one is needed, and then goes on",
    async (watched) => {
      const { page, portal, sent } = watched;
      await listed(watched);
      await portal.run("slow", "queued");
      await portal.entry("slow", /Queued|Scheduled/);
      await portal.entry("queued", "Queued");
      assert.ok(!(await storage(page)).includes(TOKEN));
      await page.reload();
      const banner = page.getByRole("region", { name: "Sign in to go on – 2 runs are paused" });
      await banner.waitFor();
      for (const id of ["slow", "queued"]) await (await portal.line(id)).getByRole("gridcell", { name: "Paused" }).waitFor();
      const before = sent.length;
      await portal.openOtherWays();
      assert.equal(await portal.tokenField.inputValue(), "");
      await page.waitForTimeout(1_000);
      assert.equal(sent.length, before, "nothing is sent without a token");
      await listed(watched);
      await portal.outcome("slow", "Diagnostics succeeded");
      await portal.entry("queued", "Queued");
      assert.equal(await banner.count(), 0);
      assert.equal(posts(sent).length, 2);
    },
    { plain: true, paceMs: 300 },
  );

  pageTest("shows what was not started yet, and starts it only after a click", async ({ page, portal, sent }) => {
    const release = [];
    await page.route("**/runDiagnostics", (route) => release.push(route));
    await portal.run("slow", "bare", "late");
    await page.waitForFunction(() => document.querySelectorAll("table.runs td.state").length === 3);
    await portal.runs.getByRole("gridcell", { name: "Starting" }).waitFor();
    await page.reload();
    for (const id of ["bare", "late"]) await portal.outcome(id, "Diagnostics were not started");
    assert.equal(posts(sent).length, 1, "nothing more was sent");
    await page.unroute("**/runDiagnostics");
    await portal.pressForAll("Run failed again");
    for (const id of ["bare", "late"]) await portal.outcome(id, "Diagnostics succeeded");
    assert.equal(posts(sent).length, 3);
  });
});
