// Leaving the page and coming back: unfinished runs are resumed, at once or with a token, and nothing is started twice.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { AT_ONCE, pageTest } from "./browser.mjs";

const posts = (sent) => sent.filter((call) => call.startsWith("POST"));
const TOKEN = "a-token-that-nobody-may-see";

const storage = (page) => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));

/** Reads the list of the global Graph with a token. */
async function listed({ page, portal }) {
  await page.getByRole("textbox", { name: "Access token" }).fill(TOKEN);
  await portal.button("List devices").click();
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
      assert.equal(await (await portal.line("failed")).count(), 0, "what has ended is not resumed");
      await portal.outcome("slow", "Diagnostics succeeded");
      await portal.press("queued", "Stop waiting");
      assert.equal(posts(sent).length, 3);
      await page.reload();
      await portal.isListed();
      await portal.runs.waitFor();
      assert.equal(await (await portal.line("slow")).count(), 0);
      await portal.entry("queued", "Resumed after a reload");
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
      const banner = page.getByRole("region", { name: "Unfinished runs" });
      await banner.waitFor();
      // In the order in which Graph accepted them, which may be either.
      for (const name of [/Room Lima/, /Emre Moreau/]) assert.match(await banner.innerText(), name);
      const before = sent.length;
      assert.equal(await page.getByRole("textbox", { name: "Access token" }).inputValue(), "");
      await banner.getByRole("button", { name: "Go on with 2 runs" }).click();
      await page.getByText(/^An access token is needed/).waitFor();
      assert.equal(sent.length, before, "nothing is sent without a token");
      await page.getByRole("textbox", { name: "Access token" }).fill(TOKEN);
      await banner.getByRole("button", { name: "Go on with 2 runs" }).click();
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
    assert.deepEqual(
      Object.keys(await page.evaluate(() => ({ ...sessionStorage }))).filter((key) => /bare|late/.test(key)),
      [],
    );
  });

  pageTest("ignores other content of the storage", async ({ page, portal }) => {
    await page.evaluate(() => {
      sessionStorage.setItem(
        "teams-device-diagnostics/unfinished/x",
        '{"record":{"version":1,"deviceId":"d","state":"running","time":"2026-01-02T03:04:05.000Z","location":"https://elsewhere.example/beta/x","attempts":1},"baseUrl":"https://elsewhere.example/beta"}',
      );
      sessionStorage.setItem("teams-device-diagnostics/unfinished/y", "7");
    });
    await page.reload();
    await portal.isListed();
    await page.getByText("Nothing has been run yet").waitFor();
  });
});
