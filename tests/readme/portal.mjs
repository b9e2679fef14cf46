// A portal in Chromium, with its own origin. Its requests for Graph go to the simulator.
import { launchChromium } from "../shared/chromium.mjs";

const PORTAL = "https://portal.example/";
const GRAPH = "https://graph.microsoft.com";

/** A browser that is closed after the test. @param {import("node:test").TestContext} t */
export async function chromium(t) {
  const browser = await launchChromium();
  t.after(() => browser.close());
  return browser;
}

/** The media type and text of each file, by its path. @typedef {Record<string, [string, string | Buffer]>} Files */

/**
 * Opens the portal's page.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} origin of the simulator
 * @param {Files} files the page is `/`
 * @param {Record<string, string>} headers of every file
 * @param {(page: import("playwright-core").Page) => void} watch called before the page loads
 */
export async function openPortal(browser, origin, files, headers = {}, watch = () => {}) {
  const page = await browser.newPage();
  await page.route(`${PORTAL}**`, (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? ["text/plain", ""];
    return route.fulfill({ contentType, body, headers });
  });
  await page.route(`${GRAPH}/**`, async (route) => {
    const url = origin + route.request().url().slice(GRAPH.length);
    // The page may have been left before the response comes.
    return route.fulfill({ response: await route.fetch({ url }) }).catch(() => {});
  });
  watch(page);
  await page.goto(PORTAL);
  return page;
}
