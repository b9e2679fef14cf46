// What the page promises about tokens, markup and other servers.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after } from "node:test";
import { outcome, pageTest, run, timelineTitles, WWW } from "./browser.mjs";

const MARKUP = "<img src=x onerror=\"document.title='run'\"><b>bold</b>";
const TOKEN = "a-token-that-nobody-may-see";

pageTest("markup in what Graph says stays text", async ({ page }) => {
  const answers = [
    { json: { id: "1", status: MARKUP } },
    { status: 403, json: { error: { code: MARKUP, message: MARKUP } } },
  ];
  await page.route("**/operations/*", (route) => route.fulfill(answers.shift()));
  await run(page, "successful");
  const panel = await outcome(page, "The outcome is not known");
  assert.ok((await panel.textContent()).includes(MARKUP));
  assert.equal((await timelineTitles(page))[1], MARKUP);
  assert.equal(await page.locator("main img, main b").count(), 0);
  assert.notEqual(await page.title(), "run");
});

pageTest("the token is in its field and nowhere else", async ({ page }) => {
  for (const deviceId of ["successful", "failed", "conflict"]) {
    await run(page, deviceId, TOKEN);
    await outcome(page, /Diagnostics/);
  }
  const places = await page.evaluate(async () => [
    document.documentElement.outerHTML, location.href, document.cookie, JSON.stringify(history.state),
    JSON.stringify(localStorage), JSON.stringify(sessionStorage), JSON.stringify(await indexedDB.databases()),
    JSON.stringify(await caches.keys()), JSON.stringify(performance.getEntries()),
  ].join("\n"));
  assert.ok(!places.includes(TOKEN));
  await page.reload();
  assert.equal(await page.getByLabel("Access token").inputValue(), "");
});

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const plainServer = createServer(async ({ url }, response) => {
  const path = url === "/" ? "/index.html" : url;
  try {
    const body = await readFile(join(WWW, path));
    response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => plainServer.listen(0, "127.0.0.1", listening));
after(() => plainServer.close());

pageTest("a plain web server is enough, and offers no simulation", async ({ page, sent }) => {
  await page.waitForLoadState("networkidle");
  assert.deepEqual(await page.locator("#cloud option").evaluateAll((options) => options.map(({ value }) => value)),
    ["global", "usGovL4", "usGovL5", "china"]);
  assert.equal(await page.getByLabel("Cloud").inputValue(), "global");
  await run(page, "..");
  await page.getByText(/^Device ID must/).waitFor();
  assert.deepEqual(sent, []);
}, { url: `http://127.0.0.1:${plainServer.address().port}/` });
