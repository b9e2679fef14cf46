// The journey of an administrator: fifty devices of a file, a lost network, an ended sign-in, a reload, and failures that are run again.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { GRAPH, pageTest } from "./browser.mjs";

const [FIRST, SECOND, THIRD] = ["token-of-the-morning", "token-of-noon", "token-after-the-reload"];
const FAILING = ["room-07", "room-31"];
const IDS = Array.from({ length: 50 }, (_, at) => `room-${String(at + 1).padStart(2, "0")}`);
const OFFLINE_MS = 20_000;

/** @type {string} */
let folder;
/** The flag of the simulator; its list is read when the test begins. @type {string[]} */
const flags = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "journey-"));
  const devices = IDS.map((id) => ({ id, scenario: { outcome: FAILING.includes(id) ? "failed" : "successful" } }));
  await writeFile(join(folder, "devices.json"), JSON.stringify(devices));
  const rows = IDS.map((id) => `${id},Meeting ${id.toUpperCase()}`);
  await writeFile(join(folder, "export.csv"), ["Device Id,Device name", ...rows].join("\r\n"));
  flags.push("--devices", join(folder, "devices.json"));
});
after(() => rm(folder, { recursive: true }));

/** Lets Graph refuse tokens from now on; returns how to add one. @param {import("playwright-core").Page} page */
async function refusable(page) {
  const refused = new Set();
  await page.route(`${GRAPH}/**`, (route) => {
    const token = /^Bearer (.*)$/.exec(route.request().headers().authorization ?? "")?.[1];
    if (!refused.has(token)) return route.fallback();
    return route.fulfill({
      status: 401,
      headers: { "access-control-allow-origin": "*" },
      json: { error: { code: "InvalidAuthenticationToken", message: "Lifetime validation failed." } },
    });
  });
  return (/** @type {string} */ token) => refused.add(token);
}

pageTest(
  "fifty devices end, each with one operation, whatever happens on the way",
  async ({ page, portal, sent, origin }) => {
    portal.names = new Map(IDS.map((id) => [id, `Meeting ${id.toUpperCase()}`]));
    const refuse = await refusable(page);
    await page.getByLabel("CSV export of the Teams admin center").setInputFiles(join(folder, "export.csv"));
    await portal.giveToken(FIRST);
    await page.getByText(/^Listed at/).waitFor();
    await page.getByRole("button", { name: "Run diagnostics on 50 devices" }).click();
    await portal.dialog(50).getByRole("button", { name: "Run", exact: true }).click();
    await page.waitForFunction(() => document.querySelectorAll("table.runs td.state").length > 0);
    await page.waitForTimeout(1_500);

    await page.context().setOffline(true);
    const offline = page.getByRole("region", { name: /^Waiting for the network – 50 runs are paused/ });
    await offline.waitFor();
    await page.waitForTimeout(OFFLINE_MS);
    await page.context().setOffline(false);
    await offline.waitFor({ state: "hidden" });

    refuse(FIRST);
    const ended = page.getByRole("region", { name: "Your sign-in ended – 50 runs are paused" });
    await ended.waitFor();
    assert.equal(await page.getByText(/not known/i).count(), 0);
    await portal.giveToken(SECOND);
    await ended.waitFor({ state: "hidden" });
    // What was not started before the reload would wait for a click.
    while ((await started(origin)) < IDS.length) await page.waitForTimeout(500);

    await page.reload();
    await portal.giveToken(THIRD);
    await page.getByText("50 of 50 ended · 2 failed", { exact: true }).waitFor({ timeout: 90_000 });
    await portal.pressForAll("Run failed again");
    await page.getByText("48 of 50 ended", { exact: true }).waitFor();
    await page.getByText("50 of 50 ended · 2 failed", { exact: true }).waitFor({ timeout: 90_000 });

    const { text } = await portal.download("Download CSV");
    for (const id of FAILING) assert.match(text, new RegExp(`"${id}"`));
    const operations = await Promise.all(IDS.map(async (id) => (await operationsOf(origin, id)).map(({ status }) => status)));
    IDS.forEach((id, at) => assert.deepEqual(operations[at], FAILING.includes(id) ? ["Failed", "Failed"] : ["Successful"], id));
    assert.equal(new Set(sent.filter((call) => call.startsWith("POST"))).size, IDS.length);
  },
  { plain: true, flags, paceMs: 15_000, timeout: 240_000, viewport: { width: 1280, height: 800 } },
);

/** @param {string} origin @param {string} id @returns {Promise<{ status: string }[]>} */
async function operationsOf(origin, id) {
  const response = await fetch(`${origin}/beta/teamwork/devices/${id}/operations`, { headers: { authorization: "Bearer any" } });
  return (await response.json()).value;
}

/** The number of devices whose start Graph has received. @param {string} origin */
async function started(origin) {
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  return new Set(requests.filter(({ method }) => method === "POST").map(({ target }) => target)).size;
}
