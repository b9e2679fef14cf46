// What the page costs who opens it, measured with the browser's own clocks. Bytes are the same on every machine and have a
// budget; times are told.

import assert from "node:assert/strict";
import { pageTest } from "./browser.mjs";

const BUDGET = 100_000;

/** In the page, from its beginning on: what the browser only tells to who observes it. */
function observe() {
  const seen = { shift: 0, blocked: 0, paint: 0 };
  const each = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  each("layout-shift", (entry) => (seen.shift += entry.hadRecentInput ? 0 : entry.value));
  each("longtask", ({ duration }) => (seen.blocked += Math.max(0, duration - 50)));
  each("largest-contentful-paint", ({ startTime }) => (seen.paint = startTime));
  const table = new MutationObserver(() => {
    if (seen["usable"] === undefined && document.querySelector("tbody tr")) seen["usable"] = performance.now();
  });
  table.observe(document, { childList: true, subtree: true });
  window["seen"] = seen;
}

/** What is received for the page's own files, header fields as they are: Performance counts 300 bytes for those of each. */
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

for (const [scenario, name] of [["catalogue", "36 devices"], ["many", "500 devices"]]) {
  pageTest(`the first visit, ${name}`, async ({ page: watched, origin }) => {
    // Nothing is kept from what brought this page here.
    const stranger = await watched.context().browser().newContext();
    const page = await stranger.newPage();
    await page.addInitScript(observe);
    const onTheWire = await wire(page);
    await page.goto(origin);
    await page.getByText(/^Listed at/).waitFor();
    await page.waitForLoadState("networkidle");
    const { files, marks, seen } = await page.evaluate(() => {
      const entries = performance.getEntriesByType("resource").filter(({ name }) => !/\/(beta|simulator)\//.test(new URL(name).pathname));
      const [navigation] = performance.getEntriesByType("navigation");
      const size = ({ name, transferSize, encodedBodySize }) => ({ name: new URL(name).pathname, transferSize, encodedBodySize });
      const { domInteractive, domContentLoadedEventEnd, loadEventEnd } = navigation;
      return { files: [navigation, ...entries].map(size), marks: { domInteractive, domContentLoadedEventEnd, loadEventEnd }, seen: window["seen"] };
    });
    const loaded = new Map(files.map((file) => [file.name, file]));
    const bytes = [...loaded.values()].reduce((sum, { transferSize }) => sum + transferSize, 0);
    const ms = (value) => `${Math.round(value)} ms`;
    console.log(`${name}: ${loaded.size} files, ${bytes} bytes transferred (budget ${BUDGET}), ${onTheWire()} of them counted on the wire; first usable table ${ms(seen.usable)}, `
      + `largest paint ${ms(seen.paint)}, DOM interactive ${ms(marks.domInteractive)}, main thread blocked ${ms(seen.blocked)}, `
      + `layout shift ${seen.shift.toFixed(3)}`);
    assert.ok(bytes > 40_000 && [...loaded.keys()].includes("/teams-device-diagnostics.js"), "everything is counted");
    assert.ok([...loaded.values()].every(({ transferSize }) => transferSize > 0), "nothing came out of a cache");
    assert.ok(Math.max(bytes, onTheWire()) < BUDGET, `${bytes} bytes, ${onTheWire()} on the wire`);
    assert.ok(![...loaded.keys()].some((path) => path.includes("msal")), "MSAL comes when somebody signs in");
    assert.ok(seen.shift < 0.1, `what one reads stays where it is: ${seen.shift}`);
    assert.ok(seen.usable > 0);
    await stranger.close();
  }, { scenario });
}
