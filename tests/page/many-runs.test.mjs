// A thousand runs beside five hundred: what a click costs while their results come in, what the main thread does at once, and what stays
// in the memory when they are removed.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { pageTest } from "./browser.mjs";

const [FEW, MANY] = [500, 1_000];
/** Each of five rows is selected, and deselected if it is a device's. */
const CLICKS = 10;
/** So many times what it sends to Graph; then a minute shows what otherwise takes ten. */
const REQUESTS_PER_SECOND = 150;
const LEFT_BYTES = 1_000_000;
const PATIENCE = { timeout: 90_000 };

const IDS = Array.from({ length: MANY }, (_, at) => `room-${String(at).padStart(4, "0")}`);

/** @type {string} */
let folder;
/** The flag of the simulator; its list is read when the test begins. @type {string[]} */
const flags = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "many-runs-"));
  const devices = IDS.map((id, at) => ({ id, scenario: { outcome: at % 10 === 3 ? "failed" : "successful" } }));
  await writeFile(join(folder, "devices.json"), JSON.stringify(devices));
  flags.push("--devices", join(folder, "devices.json"));
});
after(() => rm(folder, { recursive: true }));

/** Lets fleets of the page send more requests. @param {import("playwright-core").Page} page */
async function hurried(page) {
  const source = `import * as real from "./teams-device-diagnostics.js?real";
export * from "./teams-device-diagnostics.js?real";
export const runDiagnosticsOnDevices = (token, devices, options) =>
  real.runDiagnosticsOnDevices(token, devices, { ...options, maxRequestsPerSecond: ${REQUESTS_PER_SECOND} });`;
  await page.route("**/teams-device-diagnostics.js", (route) => route.fulfill({ contentType: "text/javascript", body: source }));
  await page.reload();
}

/** Records how long each task of the main thread is, and how long after a click the next frame is painted. */
function observe() {
  window.tasks = [];
  window.clicks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  document.addEventListener(
    "click",
    ({ target, timeStamp }) => {
      const { port1, port2 } = new MessageChannel();
      const row = /** @type {Element} */ (target).closest("tr");
      port1.onmessage = () => {
        window.clicks.push({ ms: performance.now() - timeStamp, isSelected: !!row?.classList.contains("selected") });
        // An open port would keep the row, and with it all runs.
        port1.close();
      };
      requestAnimationFrame(() => port2.postMessage(undefined));
    },
    { capture: true },
  );
}

/** The longest task during an action, and the work in all, in milliseconds. */
async function work({ page, client }, act) {
  const total = async () => (await client.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  const before = await total();
  await page.evaluate(() => void (window.tasks = []));
  await act();
  const tasks = await page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(window.tasks), 100)));
  return { longest: Math.max(0, ...tasks), work: 1_000 * ((await total()) - before) };
}

/** How long it takes until each of some rows is painted as selected. @param {import("playwright-core").Locator} rows */
async function clicks({ page }, rows) {
  await page.evaluate(() => void (window.clicks = []));
  for (let at = 0; at < CLICKS; at++) await rows.nth(at % 5).click({ position: { x: 80, y: 10 } });
  await page.waitForFunction((count) => window.clicks.length === count, CLICKS);
  const seen = await page.evaluate(() => window.clicks);
  return seen;
}

const formatted = (number) => number.toLocaleString("en-GB");
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function heap({ client }) {
  await client.send("HeapProfiler.collectGarbage");
  return (await client.send("Runtime.getHeapUsage")).usedSize;
}

async function start({ page, portal }, count) {
  if (count === 1) {
    await portal.paste(IDS[0]);
    await portal.button("Run diagnostics on 1 device").click();
    return;
  }
  await portal.paste(IDS.slice(0, count).join("\n"));
  await portal.button(`Run diagnostics on ${count} devices`).click();
  await portal.dialog(count).getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText(new RegExp(`^[\\d,]+ of ${formatted(count)} ended`)).waitFor();
}

/** Runs diagnostics on that many devices until all have ended, and again until all are stopped. */
async function batch(watched, count) {
  const { page, portal } = watched;
  const failed = count / 10;
  const removal = async () => {
    await portal.pressForAll("Remove ended");
    await page.getByText("Nothing has been run yet").waitFor();
  };
  const before = await heap(watched);
  const figures = {};
  figures.start = await work(watched, () => start(watched, count));
  let runClicks;
  let deviceClicks;
  figures.going = await work(watched, async () => {
    await page.locator(".overview").getByText(/^[1-9][\d,]* of [\d,]+ ended/).waitFor(PATIENCE);
    runClicks = await clicks(watched, page.locator("table.runs tbody tr"));
    deviceClicks = await clicks(watched, page.locator(".table tbody tr:not(.gap)"));
    await page.getByText(`${formatted(count)} of ${formatted(count)} ended · ${failed} failed`, { exact: true }).waitFor(PATIENCE);
  });
  figures.runClicks = runClicks;
  figures.deviceClicks = deviceClicks;
  figures.removal = await work(watched, removal);
  await start(watched, count);
  await page.locator(".overview").getByText(/^[1-9][\d,]* of [\d,]+ ended/).waitFor(PATIENCE);
  figures.stop = await work(watched, async () => {
    await portal.pressForAll("Stop all");
    await page.locator(".overview").getByText(new RegExp(`^${formatted(count)} of ${formatted(count)} ended`)).waitFor(PATIENCE);
  });
  await removal();
  figures.left = (await heap(watched)) - before;
  return figures;
}

pageTest(
  "a thousand runs",
  async ({ page, portal, sent }) => {
    await hurried(page);
    await portal.isListed();
    const client = await page.context().newCDPSession(page);
    await client.send("Performance.enable");
    await page.evaluate(observe);
    const watched = { page, portal, client };
    await start(watched, 1);
    await page.getByText("1 of 1 ended", { exact: true }).waitFor(PATIENCE);
    await portal.pressForAll("Remove ended");
    for (const count of [FEW, MANY]) {
      const began = performance.now();
      const f = await batch(watched, count);
      for (const what of ["start", "going", "removal", "stop"])
        console.log(`${count} ${what}: longest ${f[what].longest} ms, work ${f[what].work.toFixed(0)} ms`);
      for (const what of ["runClicks", "deviceClicks"])
        console.log(`${count} ${what}: median ${median(f[what].map(({ ms }) => ms))} ${JSON.stringify(f[what])}`);
      console.log(`${count} left ${f.left}, took ${(performance.now() - began) / 1000} s, ${sent.length} requests`);
    }
  },
  { flags, paceMs: 2_000, timeout: 280_000, viewport: { width: 1280, height: 800 } },
);
