// What a person sees of a run, from the form to its outcome.

import assert from "node:assert/strict";
import { entry, outcome, pageTest, run, timelineTitles } from "./browser.mjs";

const ADMIN_CENTER = "https://admin.teams.microsoft.com/";

pageTest("a successful run is followed to its end and hands over to the admin center", async ({ page, sent }) => {
  await run(page, "successful");
  const panel = await outcome(page, "Diagnostics succeeded");
  assert.match(await panel.textContent(), /logs can be downloaded in the Teams admin center/);
  const links = await page.locator("a").evaluateAll((found) => found.map((link) => link.href));
  assert.deepEqual(links, [ADMIN_CENTER]);

  const titles = await timelineTitles(page);
  assert.equal(titles[0], "Started");
  assert.equal(titles[1], "Queued");
  assert.equal(titles.at(-1), "Successful");
  assert.match(await page.locator("#timeline li").first().textContent(), /\/beta\/teamwork\/devices\/successful\/operations\//);
  assert.equal(await page.getByRole("status").textContent(), "Diagnostics succeeded");
  assert.equal(sent[0], "POST /beta/teamwork/devices/successful/runDiagnostics");
  assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
});

pageTest("a failed run says why, and that it has ended", async ({ page }) => {
  await run(page, "failed");
  const panel = await outcome(page, "Diagnostics failed");
  assert.match(await panel.textContent(), /operationFailed/);
  assert.match(await panel.textContent(), /\/operations\//);
  assert.equal((await timelineTitles(page)).at(-1), "Failed");
  assert.equal(await page.getByRole("button", { name: "Go on waiting" }).count(), 0);
});

pageTest("a cancelled operation is called so", async ({ page }) => {
  await run(page, "cancelled");
  await outcome(page, "Diagnostics were cancelled");
  assert.equal(await page.getByRole("button", { name: "Go on waiting" }).count(), 0);
});

pageTest("a conflict is told with the hint and the ids that support asks for", async ({ page, sent }) => {
  await run(page, "conflict");
  const text = await (await outcome(page, "Diagnostics were not started")).textContent();
  assert.match(text, /conflict.*409/s);
  assert.match(text, /already queued/);
  assert.match(text, /request-id/);
  assert.equal(sent.filter((call) => call.startsWith("POST ")).length, 1);
});

pageTest("a token without the role is told which permission is missing", async ({ page }) => {
  await run(page, "successful", "no-roles");
  const text = await (await outcome(page, "Diagnostics were not started")).textContent();
  assert.match(text, /forbidden.*403/s);
  assert.match(text, /TeamworkDevice\.ReadWrite\.All.*consent/s);
});

pageTest("a token that has expired is told so", async ({ page }) => {
  await run(page, "successful", "expired");
  assert.match(await (await outcome(page, "Diagnostics were not started")).textContent(), /unauthorized.*401/s);
});

pageTest("what is wrong with a field is said beside it, and nothing is sent", async ({ page, sent }) => {
  const tokenField = page.getByLabel("Access token");
  const deviceField = page.getByLabel("Device ID");

  await run(page, "successful", "");
  await page.getByText(/^Access token must/).waitFor();
  assert.equal(await tokenField.getAttribute("aria-invalid"), "true");
  assert.ok(await tokenField.evaluate((field) => field === document.activeElement));

  for (const deviceId of ["", "..", "eyJhbGciOi.eyJhdWQi.c2ln"]) {
    await run(page, deviceId);
    await page.getByText(/^Device ID (must|looks)/).waitFor();
    assert.equal(await deviceField.getAttribute("aria-invalid"), "true");
    assert.equal(await tokenField.getAttribute("aria-invalid"), null);
  }
  assert.equal(await page.locator("#outcome").isVisible(), false);
  assert.deepEqual(sent, []);
});

pageTest("throttling is shown with its wait and who named it", async ({ page }) => {
  await run(page, "throttled");
  const throttled = await entry(page, "Throttled");
  assert.match(await throttled.textContent(), /429.*Retry 1 in .* s, (as its Retry-After says|this client's own backoff)/);
  await outcome(page, "Diagnostics succeeded");
});

pageTest("a location off Graph is not trusted and not asked", async ({ page, sent }) => {
  await run(page, "foreign-location");
  const panel = await outcome(page, "The outcome is not known");
  assert.match(await panel.textContent(), /untrustedLocation/);
  assert.match(await panel.textContent(), /may be under way/);
  assert.equal(await page.getByRole("button", { name: "Go on waiting" }).count(), 0);
  assert.equal(sent.length, 1);
});

pageTest("a status that is not documented counts as running", async ({ page }) => {
  await run(page, "unknown-status");
  assert.match(await (await entry(page, "unknownFutureValue")).textContent(), /It counts as running/);
  await outcome(page, "Diagnostics succeeded");
}, { paceMs: 1_500 });

pageTest("after a look that failed, the same run can be waited for with another token", async ({ page, sent }) => {
  await page.route("**/operations/*", (route) => route.fulfill({ status: 401 }), { times: 1 });
  await run(page, "successful");
  await outcome(page, "The outcome is not known");
  await page.getByLabel("Access token").fill("another-token");
  await page.getByRole("button", { name: "Go on waiting" }).click();
  await outcome(page, "Diagnostics succeeded");
  assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
});

pageTest("stopping ends the waiting only, and it can be taken up again", async ({ page, sent }) => {
  await run(page, "successful");
  await entry(page, "Queued");
  await page.getByRole("button", { name: "Cancel" }).click();
  const panel = await outcome(page, "You stopped waiting");
  assert.match(await panel.textContent(), /The run on the device goes on/);
  assert.equal(await page.getByRole("button", { name: "Cancel" }).count(), 0);

  const before = sent.length;
  await page.waitForTimeout(2_000);
  assert.equal(sent.length, before, "nothing is sent after that");

  await page.getByRole("button", { name: "Go on waiting" }).click();
  await outcome(page, "Diagnostics succeeded");
  assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
});

pageTest("going on without a token says so and keeps the outcome", async ({ page }) => {
  await run(page, "queued");
  await entry(page, "Queued");
  await page.getByRole("button", { name: "Cancel" }).click();
  await outcome(page, "You stopped waiting");
  await page.getByLabel("Access token").fill("");
  await page.getByRole("button", { name: "Go on waiting" }).click();
  await page.getByText(/^Access token must/).waitFor();
  assert.ok(await page.getByRole("button", { name: "Go on waiting" }).isVisible());
});

pageTest("while a run is waited for, no second one is started", async ({ page, sent }) => {
  await run(page, "queued");
  await page.getByRole("button", { name: "Run" }).dispatchEvent("click");
  await page.getByLabel("Device ID").press("Enter");
  await entry(page, "Queued");
  assert.equal(sent.filter((call) => call.startsWith("POST")).length, 1);
});

pageTest("the keyboard alone is enough", async ({ page }) => {
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);

  await keyboard.press("Tab");
  await keyboard.type("a-token");
  await keyboard.press("Tab");
  await keyboard.type("queued");
  await keyboard.press("Tab");
  assert.equal(await focused(), "cloud");
  await keyboard.press("Tab");
  assert.equal(await focused(), "run");
  await keyboard.press("Enter");
  await entry(page, "Queued");
  assert.equal(await focused(), "run", "the focus stays where it was");

  await keyboard.press("Tab");
  assert.equal(await focused(), "cancel");
  await keyboard.press("Space");
  await outcome(page, "You stopped waiting");
  assert.equal(await focused(), "outcome");
  await keyboard.press("Tab");
  assert.equal(await focused(), "Go on waiting");
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Cancel" }).waitFor();
  assert.equal(await focused(), "cancel");
});
