// What can be copied or downloaded: the report, the code of a run, and its HTTP log, none of them with a token.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { present } from "../shared/present.mjs";
import { AT_ONCE, pageTest } from "./browser.mjs";

const TOKEN = "a-token-that-nobody-may-see";

async function withTwoRuns({ portal }) {
  await portal.isListed();
  await portal.giveToken(TOKEN);
  await portal.run("successful", "failed");
  await portal.outcome("successful", "Diagnostics succeeded");
  await portal.outcome("failed", "Diagnostics failed");
}

describe("a user can copy or download", AT_ONCE, () => {
  pageTest("the report as CSV and JSON", async (watched) => {
    const { portal } = watched;
    await portal.isListed();
    assert.equal(await portal.button("Download CSV").count(), 0, "there is nothing to report yet");
    await withTwoRuns(watched);
    await portal.paste("=1+1");
    await portal.runButton.click();
    await portal.outcome("=1+1", "Diagnostics were not started");
    const csv = await portal.download("Download CSV");
    assert.match(csv.file, /^teams-device-diagnostics-\d{4}-\d\d-\d\d\.csv$/);
    const lines = csv.text.split("\r\n");
    assert.equal(lines.length, 5);
    assert.match(lines[0], /^\uFEFF"Device Id","Device","Outcome"/);
    assert.match(csv.text, /"successful","Room Vienna","Diagnostics succeeded","Successful","","","http:/);
    assert.match(csv.text, /"failed","Room Oslo","Diagnostics failed","Failed","operationFailed"/);
    assert.match(csv.text, /"'=1\+1","'=1\+1","Diagnostics were not started"/);
    const json = await portal.download("Download JSON");
    assert.match(json.file, /\.json$/);
    const rows = JSON.parse(json.text);
    assert.deepEqual(rows.map(({ deviceId }) => deviceId).sort(), ["=1+1", "failed", "successful"]);
    for (const { startedAt, endedAt } of rows) assert.ok(Date.parse(startedAt) <= Date.parse(endedAt));
    assert.ok(!csv.text.includes(TOKEN) && !json.text.includes(TOKEN));
  });

  pageTest("the code of a run", async (watched) => {
    const { portal, origin } = watched;
    await withTwoRuns(watched);
    const dialog = await portal.open("failed", "Show the code");
    assert.match(
      await dialog.innerText(),
      /import \{ isDiagnosticsError, runDiagnostics, waitForOperation \} from "teams-device-diagnostics"/,
    );
    const text = present(await dialog.textContent(), "the dialog");
    assert.match(text, /@azure\/msal-browser[^]*"failed"/);
    assert.match(text, /@azure\/identity[^]*const deviceId = "failed"/);
    assert.match(text, /const deviceIds = \[\n {2}"successful",\n {2}"failed",\n\];/, "the batch");
    assert.ok(text.includes(`baseUrl: "${origin}/beta"`));
    assert.ok(!text.includes(TOKEN));
  });

  pageTest("the HTTP log without the token, also where Graph repeats it", async (watched) => {
    const { page, portal } = watched;
    await withTwoRuns(watched);
    const dialog = await portal.open("successful", "HTTP exchange");
    const text = await dialog.innerText();
    assert.match(
      text,
      /POST \/beta\/teamwork\/devices\/successful\/runDiagnostics HTTP\/1\.1\nhost: 127\.0\.0\.1:\d+\nauthorization: Bearer \[token\]\n/,
    );
    assert.match(text, /HTTP\/1\.1 202\n[^]*location: \/teamwork\/devices\/successful\/operations\//);
    assert.match(text, /GET [^]*HTTP\/1\.1 200\n[^]*"status":\s*"Successful"/);
    assert.ok(!text.includes("devices/failed"), "of this run only");
    await portal.closeDialog();
    await portal.run("echo");
    await portal.outcome("echo", "Diagnostics were not started");
    await portal.open("echo", "HTTP exchange");
    assert.match(await dialog.innerText(), /Rejected: Bearer \[token\]/);
    assert.ok(!(await page.evaluate(() => document.documentElement.outerHTML)).includes(TOKEN));
  });

  pageTest("the lines for support by hand, if the page may not write to the clipboard", async ({ page, portal }) => {
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
    });
    await portal.run("withdrawn");
    await portal.outcome("withdrawn", "Diagnostics were not started");
    const dialog = await portal.open("withdrawn", "Copy for support");
    assert.match(
      present(await dialog.textContent(), "the dialog"),
      /Microsoft Teams device diagnostics\nOutcome: Diagnostics were not started/,
    );
    await portal.closeDialog();
  });

  pageTest("a report of what is still running too", async ({ portal }) => {
    await portal.run("queued");
    await portal.entry("queued", "Queued");
    const [row] = JSON.parse((await portal.download("Download JSON")).text);
    assert.deepEqual([row.outcome, row.status, row.endedAt], ["Still running", "Queued", undefined]);
    assert.match(row.location, /\/devices\/queued\/operations\//);
  });
});
