// A thousand runs beside five hundred: what a click costs while their results come in, what the main thread does at once, and what stays
// in the memory when they are removed.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { pageTest } from "./browser.mjs";

const [FEW, MANY] = [500, 1_000];
/** Each of these rows is clicked twice, which selects a device and deselects it. */
const ROWS = 5;
const CLICKS = 2 * ROWS;
/** The runs of the first batch, which is not measured. */
const WARM = 50;
/** So many times what it sends to Graph; then a minute shows what otherwise takes ten. */
const REQUESTS_PER_SECOND = 150;
const LEFT_BYTES = 1_000_000;
const PATIENCE = { timeout: 90_000 };

const formatted = (/** @type {number} */ number) => number.toLocaleString("en-GB");

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
async function hurry(page) {
  const source = `import * as real from "./teams-device-diagnostics.js?real";
export * from "./teams-device-diagnostics.js?real";
export const runDiagnosticsOnDevices = (token, devices, options) =>
  real.runDiagnosticsOnDevices(token, devices, { ...options, maxRequestsPerSecond: ${REQUESTS_PER_SECOND} });`;
  await page.route("**/teams-device-diagnostics.js", (route) => route.fulfill({ contentType: "text/javascript", body: source }));
  await page.reload();
}

/** Records how long each task of the main thread is, how often the runs are rendered, and how long after a click the next frame is painted. */
function observe() {
  window.measured = { tasks: [], updates: 0, clicks: [] };
  const { measured } = window;
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => measured.tasks.push(duration))).observe({
    type: "longtask",
  });
  const runs = /** @type {Element} */ (document.querySelector("#runs-content"));
  new MutationObserver(() => (measured.updates += 1)).observe(runs, { subtree: true, childList: true, characterData: true });
  const clicked = ({ target, timeStamp }) => {
    const { port1, port2 } = new MessageChannel();
    const row = /** @type {Element} */ (target).closest("tr");
    port1.onmessage = () => {
      measured.clicks.push({ ms: performance.now() - timeStamp, isSelected: row?.classList.contains("selected") ?? false });
      // An open port would keep the row, and with it all runs.
      port1.close();
    };
    requestAnimationFrame(() => port2.postMessage(undefined));
  };
  document.addEventListener("click", clicked, { capture: true });
}

/** What the main thread does during an action: its longest task and the work in all, in milliseconds. */
async function cost({ page, client }, act) {
  const total = async () => (await client.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  const workBefore = await total();
  await page.evaluate(() => void Object.assign(window.measured, { tasks: [], updates: 0 }));
  const began = performance.now();
  await act();
  // Long tasks are reported only after they have ended.
  const { tasks, updates } = await page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(window.measured), 100)));
  const seconds = (performance.now() - began) / 1_000;
  return { longest: Math.max(0, ...tasks), work: 1_000 * ((await total()) - workBefore), updates, seconds };
}

/** How long it takes until a row is painted as selected, or no longer so. */
async function click({ page }, rows) {
  await page.evaluate(() => void (window.measured.clicks = []));
  for (let at = 0; at < CLICKS; at++) await rows.nth(at % ROWS).click({ position: { x: 80, y: 10 } });
  await page.waitForFunction((count) => window.measured.clicks.length === count, CLICKS);
  const clicks = await page.evaluate(() => window.measured.clicks);
  assert.ok(
    clicks.slice(0, ROWS).every(({ isSelected }) => isSelected),
    "the frame after a click shows it",
  );
  const times = clicks.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return { median: times[CLICKS >> 1], longest: times[CLICKS - 1] };
}

/** The memory in use: the least of some seconds, because the history is still being written. */
async function heap({ client, page }) {
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 4; times++) {
    if (times > 0) await page.waitForTimeout(1_000);
    await client.send("HeapProfiler.collectGarbage");
    least = Math.min(least, (await client.send("Runtime.getHeapUsage")).usedSize);
  }
  return least;
}

const progress = ({ page }, text) => page.locator(".overview").getByText(text);

/** Starts runs on the first devices. */
async function start(watched, count) {
  const { portal } = watched;
  await portal.paste(IDS.slice(0, count).join("\n"));
  await portal.button(`Run diagnostics on ${formatted(count)} devices`).click();
  await portal.dialog(count).getByRole("button", { name: "Run", exact: true }).click();
  await progress(watched, / ended/).waitFor();
}

const someEnded = (watched) => progress(watched, /^[1-9][\d,]* of/).waitFor(PATIENCE);
const allEnded = (watched, count) => progress(watched, new RegExp(`^${formatted(count)} of ${formatted(count)} ended`)).waitFor(PATIENCE);

async function remove({ page, portal }) {
  await portal.pressForAll("Remove ended");
  await page.getByText("Nothing has been run yet").waitFor();
}

/** Runs diagnostics on that many devices until all have ended, and once more until all are stopped. */
async function batch(watched, count) {
  const { page, portal } = watched;
  const before = await heap(watched);
  const clicks = {};
  const costs = {
    start: await cost(watched, () => start(watched, count)),
    "until all have ended": await cost(watched, async () => {
      await someEnded(watched);
      clicks.run = await click(watched, page.locator("table.runs tbody tr"));
      clicks.device = await click(watched, page.locator("#devices tbody tr:not(.gap)"));
      await allEnded(watched, count);
    }),
    removal: await cost(watched, () => remove(watched)),
  };
  await start(watched, count);
  await someEnded(watched);
  costs["stop all"] = await cost(watched, async () => {
    await portal.pressForAll("Stop all");
    await allEnded(watched, count);
  });
  await remove(watched);
  return { clicks, costs, left: (await heap(watched)) - before };
}

/** Asserts what no fast machine can hide. */
function check({ costs, left }, count) {
  for (const [what, { updates, seconds }] of Object.entries(costs)) {
    const most = 12 * seconds + 4 * CLICKS;
    assert.ok(updates < most, `${what}, ${count} runs: rendered ${updates} times in ${seconds.toFixed(1)} s`);
  }
  assert.ok(left < LEFT_BYTES, `${left} bytes stay in the memory after ${count} runs`);
}

const ms = (number) => `${number.toFixed(0)} ms`;

// Times are only printed, because machines differ. What they must not do is grow faster than the number of runs.
pageTest(
  "a thousand runs cost little more than five hundred, and leave nothing",
  async ({ page, portal }) => {
    await hurry(page);
    await page.getByText(/^Listed at/).waitFor();
    const client = await page.context().newCDPSession(page);
    await client.send("Performance.enable");
    await page.evaluate(observe);
    const watched = { page, portal, client };
    // What is compiled and kept once does not count.
    await batch(watched, WARM);
    const few = await batch(watched, FEW);
    const many = await batch(watched, MANY);
    for (const what of Object.keys(few.clicks)) {
      const [less, more] = [few.clicks[what], many.clicks[what]];
      console.log(
        `a click on a row of a ${what}: ${ms(less.median)}, at most ${ms(less.longest)}, with ${FEW} runs; ` +
          `${ms(more.median)}, at most ${ms(more.longest)}, with ${MANY}`,
      );
      assert.ok(more.median < 2 * Math.max(less.median, 20) + 20, `a ${what}: ${more.median} ms, but ${less.median} ms with ${FEW}`);
    }
    for (const what of Object.keys(few.costs)) {
      const [less, more] = [few.costs[what], many.costs[what]];
      const text = ({ longest, work }) => `${longest === 0 ? "no task of 50 ms" : `longest task ${ms(longest)}`}, ${ms(work)} of work`;
      console.log(`${what}: ${text(less)} with ${FEW} runs; ${text(more)} with ${MANY}`);
      assert.ok(more.work < 4 * Math.max(less.work, 100), `${what}: ${more.work} ms, but ${less.work} ms with ${FEW}`);
    }
    console.log(`memory that stays after the removal: ${few.left} bytes of ${FEW} runs, ${many.left} of ${MANY}`);
    check(few, FEW);
    check(many, MANY);
  },
  { flags, paceMs: 2_000, timeout: 240_000, viewport: { width: 1280, height: 800 } },
);
