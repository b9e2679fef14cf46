// What opening the page costs, measured by the browser itself. The number of bytes is the same on every machine, so it has a budget; times
// are only printed.

import assert from "node:assert/strict";
import { pageTest } from "./browser.mjs";

const PACKAGE = "/teams-device-diagnostics.js";
/** The budgets in bytes, for opening the page and for listing devices. */
const VISIT_BUDGET = 38_000;
const LIST_BUDGET = 117_000;
const MOST_RESPONSES = 12;

/** Runs in the page from its beginning: records what the browser reports only to observers. */
function observe() {
  const seen = { shift: 0, blocked: 0, paint: 0 };
  const each = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  each("layout-shift", (entry) => (seen.shift += entry.hadRecentInput ? 0 : entry.value));
  each("longtask", ({ duration }) => (seen.blocked += Math.max(0, duration - 50)));
  each("largest-contentful-paint", ({ startTime }) => (seen.paint = startTime));
  const table = new MutationObserver(() => {
    if (seen.usable === undefined && document.querySelector("tbody tr")) seen.usable = performance.now();
  });
  table.observe(document, { childList: true, subtree: true });
  window.seen = seen;
}

/** Counts the received bytes of the page's own files. It counts the header fields, for which Performance assumes 300 bytes. */
async function wire(page) {
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  const own = new Set();
  let bytes = 0;
  client.on("Network.responseReceived", ({ requestId, response }) => {
    if (!/\/(beta|simulator)\//.test(new URL(response.url).pathname)) own.add(requestId);
  });
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (own.has(requestId)) bytes += encodedDataLength;
  });
  return () => bytes;
}

/** The responses for the page's own files, with their paths and bytes. */
async function transferred(page) {
  const files = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return /** @type {PerformanceResourceTiming[]} */ (entries).map(({ name, transferSize }) => ({
      path: new URL(name).pathname,
      transferSize,
    }));
  });
  const own = files.filter(({ path }) => !/\/(beta|simulator)\//.test(path));
  assert.ok(
    own.every(({ transferSize }) => transferSize > 0),
    "nothing came out of a cache",
  );
  return own;
}

const isAmong = (files, wanted) => files.some(({ path }) => path === wanted);

/** Asserts that both counts are within the budget. */
function assertWithin(budget, files, onTheWire, what) {
  const bytes = files.reduce((sum, { transferSize }) => sum + transferSize, 0);
  console.log(
    `${what}: ${files.length} responses, ${bytes} bytes transferred (budget ${budget}), ${onTheWire} of them counted on the wire`,
  );
  assert.ok(bytes > 25_000 && isAmong(files, "/main.js"), "everything is counted");
  assert.ok(files.length <= MOST_RESPONSES, `${files.length} responses`);
  assert.ok(Math.max(bytes, onTheWire) < budget, `${what}: ${bytes} bytes, ${onTheWire} on the wire`);
  assert.ok(!files.some(({ path }) => path.includes("msal")), "MSAL comes when somebody signs in");
  assert.ok(!isAmong(files, "/run-page.js"), "what runs need comes when a device is selected");
}

/** Opens the page in a new browser context, without caches and storage. */
async function stranger(watched, address, see) {
  const context = await watched.context().browser().newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(observe);
    const onTheWire = await wire(page);
    await page.goto(address);
    await see(page, onTheWire);
  } finally {
    await context.close();
  }
}

pageTest(
  "the first visit, before anything is pressed",
  async ({ page: watched }) => {
    await stranger(watched, watched.url(), async (page, onTheWire) => {
      await page.getByRole("heading", { name: "No devices yet" }).waitFor();
      await page.waitForLoadState("networkidle");
      const files = await transferred(page);
      assertWithin(VISIT_BUDGET, files, onTheWire(), "the first visit");
      assert.ok(!isAmong(files, PACKAGE), "the package comes when it is first needed");
      assert.ok((await page.evaluate(() => window.seen.shift)) < 0.1, "what one reads stays where it is");
    });
  },
  { plain: true },
);

// The page reads the list of the simulated Graph when it is opened.
for (const [tenant, name] of [
  ["catalogue", "36 devices"],
  ["many", "500 devices"],
]) {
  pageTest(
    `the first list, ${name}`,
    async ({ page: watched, origin }) => {
      await stranger(watched, origin, async (page, onTheWire) => {
        await page.getByText(/^Listed at/).waitFor();
        await page.waitForLoadState("networkidle");
        const files = await transferred(page);
        assertWithin(LIST_BUDGET, files, onTheWire(), name);
        assert.ok(isAmong(files, PACKAGE));
        const { marks, seen } = await page.evaluate(() => {
          const [{ domInteractive }] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
          return { marks: { domInteractive }, seen: window.seen };
        });
        const ms = (value) => `${Math.round(value)} ms`;
        console.log(
          `${name}: first usable table ${ms(seen.usable)}, largest paint ${ms(seen.paint)}, DOM interactive ${ms(marks.domInteractive)}, ` +
            `main thread blocked ${ms(seen.blocked)}, layout shift ${seen.shift.toFixed(3)}`,
        );
        assert.ok(seen.shift < 0.1, `what one reads stays where it is: ${seen.shift}`);
        assert.ok(seen.usable > 0);
      });
    },
    { tenant },
  );
}
