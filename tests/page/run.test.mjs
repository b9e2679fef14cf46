// What a user sees of runs, from the toolbar to their outcomes.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { present } from "../shared/present.mjs";
import { AT_ONCE, pageTest } from "./browser.mjs";

const ADMIN_CENTER = "https://admin.teams.microsoft.com/";
const SUCCEEDED = "Diagnostics succeeded";
const NOT_STARTED = "Diagnostics were not started";
const UNDER_WAY = "The run may be under way";
const NOT_FOLLOWED = "The run continues, but is not followed";

/** The outcomes of the devices of the catalogue whose runs do not succeed. */
const OUTCOMES = {
  failed: "Diagnostics failed",
  cancelled: "Diagnostics were cancelled",
  canceled: "Diagnostics were cancelled",
  conflict: "An operation is already queued",
  "start-server-error": UNDER_WAY,
  "html-error": UNDER_WAY,
  "empty-error": UNDER_WAY,
  "start-redirect": UNDER_WAY,
  "poll-forbidden": NOT_FOLLOWED,
  withdrawn: NOT_STARTED,
  echo: NOT_STARTED,
};

/** Words of the library, which are only under "Details for support". */
const OF_THE_LIBRARY = /waitForOperation|options\.|connect-src|\bcause\b|Location as/;

const posts = (sent) => sent.filter((call) => call.startsWith("POST"));

describe("runs", AT_ONCE, () => {
  pageTest(
    "a run is followed until it ends, and then leads to the admin center",
    async ({ page, portal, sent }) => {
      await portal.run("successful");
      const article = await portal.outcome("successful", SUCCEEDED);
      const text = await article.innerText();
      assert.match(text, /Download them in the Teams admin center/);
      const links = await page.getByRole("link").evaluateAll((found) => found.map((link) => /** @type {HTMLAnchorElement} */ (link).href));
      assert.deepEqual([...new Set(links.filter((link) => new URL(link).origin !== new URL(page.url()).origin))], [ADMIN_CENTER]);
      const timeline = await portal.timeline("successful");
      assert.match(timeline[0], /Started/);
      assert.doesNotMatch(text, /operations\//);
      assert.match(
        await portal.supportDetails("successful"),
        /as received\s+\/teamwork\/devices\/successful\/operations\/[^]*http:\/\/127\.0\.0\.1:\d+\/beta\/teamwork\/devices\/successful\/operations\//,
      );
      assert.match(timeline[1], /Queued|Scheduled/);
      assert.match(present(timeline.at(-1), "the last entry"), /Successful/);
      for (const entry of timeline) assert.match(entry, /\d\d:\d\d:\d\d/, "every entry has its time");
      await portal.announcements.getByText("Room Vienna: Diagnostics succeeded.").waitFor();
      assert.equal(await article.getByRole("progressbar").count(), 0);
      assert.equal(posts(sent).length, 1);
    },
    { paceMs: 1_500 },
  );

  pageTest(
    "during a wait the progress is indeterminate, and the countdown to the next poll is not announced to screen readers",
    async ({ page, portal }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      const article = await portal.article("queued");
      assert.equal(await article.getByRole("progressbar", { name: "Progress" }).getAttribute("value"), null);
      const countdown = article.getByText(/Next poll in \d+ s/);
      await countdown.waitFor();
      // Records every announcement during some ticks of the countdown.
      await page.evaluate(() => {
        const said = (window.said = []);
        const region = /** @type {HTMLElement} */ (document.querySelector("[role=status]"));
        new MutationObserver(() => said.push(region.textContent)).observe(region, { subtree: true, childList: true, characterData: true });
      });
      const first = await countdown.innerText();
      await page.waitForFunction((first) => !document.body.innerText.includes(first), first);
      await page.waitForTimeout(2_500);
      assert.deepEqual(await page.evaluate(() => window.said), [], "polls without news and ticks are not announced");
    },
  );

  pageTest(
    "every device of the catalogue, all at once, ends as it should",
    async ({ page, portal, sent, origin }) => {
      await portal.isListed();
      const count = await portal.rows.count();
      await page.getByRole("checkbox", { name: "Select all shown" }).check();
      await portal.runButton.click();
      await portal.dialog(count).getByRole("button", { name: "Run", exact: true }).click();
      const expected = [...(await portal.allNames()).keys()].filter((id) => id !== "queued").map((id) => [id, OUTCOMES[id] ?? SUCCEEDED]);
      assert.equal(expected.length, count - 1);
      for (const [id, title] of expected) {
        const article = await portal.article(id);
        await article.getByRole("heading", { level: 4 }).waitFor({ timeout: 80_000 });
        const ended = (await article.getByRole("heading", { level: 4 }).innerText()).trim();
        // A browser's network stack may send a POST again if its response was lost, and then gets a conflict with its own run.
        if (id === "lost-start" && ended === OUTCOMES.conflict) continue;
        assert.equal(ended, title, id);
        assert.doesNotMatch(await article.innerText(), OF_THE_LIBRARY, id);
        assert.equal(await article.getByRole("button", { name: "Run again" }).count(), 1, id);
        assert.equal(await article.getByRole("button", { name: "Look for it" }).count(), title === UNDER_WAY ? 1 : 0, id);
      }
      assert.match(present((await portal.timeline("queued")).at(-1), "the last entry"), /Queued/, "and one is still waited for");
      await portal.press("queued", "Stop waiting");
      await portal.outcome("queued", "You stopped waiting");
      assert.equal(
        sent.some((call) => call.includes("evil") || call.includes("elsewhere")),
        false,
      );
      const operations = (await (await fetch(`${origin}/simulator/requests`)).json()).filter(({ method }) => method === "POST");
      for (const { target } of operations) assert.match(target, /runDiagnostics$/);
    },
    { timeout: 120_000, paceMs: 30 },
  );

  pageTest(
    "many runs are one fleet: its first request is alone, and each device is started once",
    async ({ page, portal, origin }) => {
      let answered = false;
      const early = [];
      await page.route("**/runDiagnostics", async (route) => {
        if (!answered) early.push(route.request().url());
        await new Promise((resolve) => setTimeout(resolve, 300));
        answered = true;
        await route.continue();
      });
      const ids = ["successful", "slow", "bare", "late", "quoted-location", "absolute-location"];
      await portal.run(...ids);
      for (const id of ids) await portal.outcome(id, SUCCEEDED);
      assert.equal(early.length, 1, "a wrong token would cost one request");
      const requests = await (await fetch(`${origin}/simulator/requests`)).json();
      assert.equal(requests.filter(({ method }) => method === "POST").length, ids.length);
      await portal.runs.getByRole("row").nth(1).waitFor();
      assert.equal(await page.title(), "6 of 6 - Teams device diagnostics");
    },
    { paceMs: 20 },
  );

  pageTest("from five devices on, the run must be confirmed", async ({ page, portal, sent }) => {
    const ids = ["successful", "slow", "bare", "late"];
    await portal.select(...ids, "junk-error");
    assert.equal((await portal.runButton.innerText()).trim(), "Run diagnostics on 5 devices");
    await portal.runButton.click();
    await portal.dialog(5).getByRole("button", { name: "Not now" }).click();
    await portal.dialog(5).waitFor({ state: "hidden" });
    assert.ok(await portal.runButton.evaluate((button) => button === document.activeElement), "the focus is back");
    await portal.runButton.press("Enter");
    await portal.dialog(5).waitFor();
    await page.keyboard.press("Escape");
    await portal.dialog(5).waitFor({ state: "hidden" });
    assert.deepEqual(posts(sent), []);
    await portal.checkbox(await portal.name("junk-error")).uncheck();
    await portal.runButton.click();
    for (const id of ids) await portal.outcome(id, SUCCEEDED);
    assert.equal(posts(sent).length, 4, "four are not many");
  });

  pageTest("throttling is shown with the delay that Graph requested", async ({ portal }) => {
    await portal.run("throttled");
    assert.match(await (await portal.entry("throttled", "Throttled")).innerText(), /Graph asks to wait[^]*1 s/);
    await portal.outcome("throttled", SUCCEEDED);
  });

  pageTest("throttling without a Retry-After is shown as the page's own backoff", async ({ portal }) => {
    await portal.run("throttled-hidden");
    assert.match(await (await portal.entry("throttled-hidden", "Throttled")).innerText(), /Graph does not say how long to wait/);
    await portal.outcome("throttled-hidden", SUCCEEDED);
  });

  pageTest(
    "a Retry-After that the browser hides is not shown",
    async ({ portal }) => {
      await portal.giveToken("a-token");
      await portal.run("throttled");
      assert.match(await (await portal.entry("throttled", "Throttled")).innerText(), /Graph does not say how long to wait/);
      await portal.outcome("throttled", SUCCEEDED);
    },
    { plain: true, flags: ["--hide-retry-after"] },
  );

  pageTest("a conflict shows who queued the operation and when, and it can be followed", async ({ portal, sent }) => {
    await portal.run("conflict");
    const article = await portal.outcome("conflict", "An operation is already queued");
    assert.match(await article.innerText(), /Another administrator[^]*1 Jan 2026/);
    assert.equal(posts(sent).length, 1);
    await portal.press("conflict", "Follow that run");
    await portal.entry("conflict", "Queued");
    await portal.press("conflict", "Stop waiting");
    await portal.outcome("conflict", "You stopped waiting");
    assert.equal(posts(sent).length, 1);
    assert.ok(sent.at(-1)?.startsWith("GET /beta/teamwork/devices/conflict/operations/0cc0bada"));
  });

  pageTest("a failure says why, with the ids that support asks for, and can be copied", async ({ page, portal }) => {
    await page.context().grantPermissions(["clipboard-write"]);
    await portal.run("failed");
    const text = await (await portal.outcome("failed", "Diagnostics failed")).innerText();
    assert.match(text, /The device stopped responding/);
    assert.doesNotMatch(text, /operationFailed/);
    assert.match(await portal.supportDetails("failed"), /operationFailed[^]*[\w-]{36}/);
    assert.match(present((await portal.timeline("failed")).at(-1), "the last entry"), /Failed/);
    await portal.press("failed", "Copy for support");
    await (await portal.article("failed")).getByText("Copied").waitFor();
    const box = page.getByRole("textbox", { name: "Device ids" });
    await box.press("ControlOrMeta+V");
    const copied = await box.inputValue();
    assert.match(
      copied,
      /^Microsoft Teams device diagnostics\nOutcome: Diagnostics failed\nDevice: Room Oslo\nDevice id: failed\nStatus: Failed\nCode: operationFailed\n/,
    );
    assert.match(copied, /\nrequest-id: [\w-]{36}\n[^]*\nLocation: http/);
    assert.equal(await (await portal.article("failed")).getByRole("button", { name: "Go on waiting" }).count(), 0);
  });

  for (const token of ["no-roles", "read-only"]) {
    pageTest(`a token that is ${token} leads to an outcome that says what is missing`, async ({ portal }) => {
      await portal.isListed();
      await portal.giveToken(token);
      await portal.run("successful");
      const text = await (await portal.outcome("successful", NOT_STARTED)).innerText();
      assert.match(text, /No permission[^]*TeamworkDevice\.ReadWrite\.All[^]*consent/);
      assert.match(await portal.supportDetails("successful"), /forbidden[^]*403/);
      await portal.giveToken("good");
      await portal.press("successful", "Run again");
      await portal.outcome("successful", SUCCEEDED);
    });
  }

  pageTest("a refused token pauses the runs, which go on by themselves with another", async ({ page, portal, sent }) => {
    await portal.isListed();
    const field = portal.tokenField;
    await portal.giveToken("expired");
    await portal.run("successful", "slow");
    const banner = page.getByRole("region", { name: "Your sign-in ended – 2 runs are paused" });
    await banner.waitFor();
    assert.match(await page.getByRole("status").innerText(), /Your sign-in ended/);
    const tried = posts(sent).length;
    await page.waitForTimeout(6_000);
    assert.equal(posts(sent).length, tried, "nothing is sent with the refused token");
    await banner.getByRole("button", { name: "Paste another token" }).click();
    assert.ok(await field.evaluate((field) => field === document.activeElement));
    const pasted = Date.now();
    await portal.giveToken("good");
    await banner.waitFor({ state: "detached" });
    assert.ok(Date.now() - pasted < 4_000, "the new token is used at once");
    for (const id of ["successful", "slow"]) await portal.outcome(id, SUCCEEDED);
  });

  pageTest(
    "without a network the runs wait, and go on when it is back",
    async ({ page, portal, sent }) => {
      await portal.run("successful");
      await portal.entry("successful", "Queued");
      await page.context().setOffline(true);
      await page.getByRole("region", { name: "Waiting for the network – 1 run is paused" }).waitFor();
      assert.match(await (await portal.line("successful")).innerText(), /Paused/);
      await page.waitForTimeout(1_500);
      await page.context().setOffline(false);
      await portal.outcome("successful", SUCCEEDED);
      assert.equal(await page.getByText(/not known/).count(), 0);
      assert.equal(posts(sent).length, 1);
    },
    { paceMs: 2_500, provokes: true },
  );

  pageTest("a location outside of Graph is not polled, but the run is found", async ({ portal, sent }) => {
    await portal.run("foreign-location");
    await portal.outcome("foreign-location", SUCCEEDED);
    const ofRun = sent.filter((call) => call.includes("foreign-location"));
    assert.deepEqual(ofRun.slice(0, 2), [
      "POST /beta/teamwork/devices/foreign-location/runDiagnostics",
      "GET /beta/teamwork/devices/foreign-location/operations",
    ]);
    assert.ok(sent.every((call) => !call.includes("evil")));
  });

  pageTest(
    "a status that is not documented counts as running",
    async ({ portal }) => {
      await portal.run("unknown-status");
      assert.match(await (await portal.entry("unknown-status", "unknownFutureValue")).innerText(), /It counts as running/);
      await portal.outcome("unknown-status", SUCCEEDED);
    },
    { paceMs: 1_500 },
  );

  pageTest(
    "stopping ends only the wait, which can be resumed",
    async ({ page, portal, sent }) => {
      await portal.run("successful");
      await portal.entry("successful", "Queued");
      await portal.press("successful", "Stop waiting");
      const article = await portal.outcome("successful", "You stopped waiting");
      assert.match(await article.innerText(), /The run on the device continues/);
      const before = sent.length;
      await page.waitForTimeout(2_500);
      assert.equal(sent.length, before, "nothing is sent after that");
      await portal.press("successful", "Go on waiting");
      await portal.outcome("successful", SUCCEEDED);
      assert.equal(posts(sent).length, 1);
    },
    { paceMs: 2_500 },
  );

  pageTest("a run whose polls are refused goes on with another token", async ({ page, portal, sent }) => {
    await page.route("**/operations/*", (route) => route.fulfill({ status: 401 }));
    await portal.run("successful");
    await page.getByRole("region", { name: "Your sign-in ended – 1 run is paused" }).waitFor();
    await page.unroute("**/operations/*");
    await portal.giveToken("another-token");
    await portal.outcome("successful", SUCCEEDED);
    assert.equal(posts(sent).length, 1);
  });

  pageTest("a run whose start was not confirmed can be looked for, and is followed", async ({ page, portal, sent }) => {
    await page.route("**/operations", (route) => route.fulfill({ status: 403 }));
    await page.route("**/runDiagnostics", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await portal.run("successful");
    await portal.outcome("successful", UNDER_WAY);
    await portal.press("successful", "Look for it");
    await page.getByText("The device's operations could not be read.").waitFor();
    await page.unroute("**/operations");
    await portal.press("successful", "Look for it");
    await portal.outcome("successful", SUCCEEDED);
    assert.equal(posts(sent).length, 1);
  });

  pageTest("a run that nobody finds may be started again", async ({ page, portal, sent }) => {
    await portal.run("start-server-error");
    await portal.outcome("start-server-error", UNDER_WAY);
    const before = posts(sent).length;
    await portal.press("start-server-error", "Look for it");
    await page.getByText(/^No diagnostics since the start were found/).waitFor();
    assert.equal(posts(sent).length, before, "looking starts nothing");
    await portal.press("start-server-error", "Run again");
    await portal.entry("start-server-error", "Started again");
    await portal.outcome("start-server-error", UNDER_WAY);
  });

  pageTest(
    "a device that stays offline is still queued when the time is up, and can be looked after further",
    async ({ page, portal, sent }) => {
      await portal.run("queued");
      await portal.entry("queued", "Queued");
      await page.clock.install();
      await portal.entry("queued", /Polled \d+ times/);
      await page.clock.fastForward("01:00:05");
      await portal.outcome("queued", "Still queued – the device has not come back");
      await portal.press("queued", "Keep looking");
      await portal.entry("queued", "Waiting again");
      await portal.press("queued", "Stop waiting");
      await portal.outcome("queued", "You stopped waiting");
      assert.equal(posts(sent).length, 1);
    },
  );

  pageTest("a device whose run is in progress is not started again", async ({ portal, sent }) => {
    await portal.run("queued");
    await portal.entry("queued", "Queued");
    await portal.run("queued");
    await portal.announcements.getByText(/already running/).waitFor();
    assert.equal(posts(sent).length, 1);
  });

  pageTest("where WebAssembly is forbidden, the page says that it does not work there", async ({ page, portal, sent }) => {
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
    await page.reload();
    await page.getByRole("group", { name: "The devices could not be listed" }).waitFor();
    await portal.paste("successful");
    const before = sent.length;
    await portal.runButton.click();
    portal.names = new Map();
    const article = await portal.outcome("successful", "This page does not work here");
    assert.match(await article.innerText(), /WebAssembly/);
    assert.equal(sent.length, before);
  });

  pageTest("an offline device is warned about, and runs all the same", async ({ page, portal, sent }) => {
    await portal.select("queued");
    await page.getByText(/offline at last contact/).waitFor();
    await portal.runButton.click();
    await portal.entry("queued", "Queued");
    assert.equal(posts(sent).length, 1);
  });
});
