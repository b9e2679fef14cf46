// Serves pages in Chromium that load the package and the files of this folder.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { ROOT } from "../../scripts/tools.mjs";
import { launchChromium } from "../shared/chromium.mjs";

const SERVED = /^\/(tests\/context|tests\/shared|pkg\/dist|node_modules\/zone\.js\/bundles)\/[\w.-]+\.m?js$/;

/** @param {Record<string, { html?: string, script?: string, policy?: string }>} pages additional pages, by path */
export async function openSite(pages) {
  const server = createServer(async ({ url = "" }, response) => {
    const page = pages[url];
    if (!page && !SERVED.test(url)) return response.writeHead(url === "/favicon.ico" ? 204 : 404).end();
    response.setHeader("content-type", page?.html ? "text/html" : "text/javascript");
    if (page?.policy) response.setHeader("content-security-policy", page.policy);
    response.end(page ? (page.html ?? page.script) : await readFile(join(ROOT, url)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await launchChromium();
  return {
    /** Opens a page for the duration of the test. @param {import("node:test").TestContext} t @param {string} path */
    async open(t, path) {
      const context = await browser.newContext();
      t.after(() => context.close());
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}${path}`);
      return { page, setOffline: (/** @type {boolean} */ is) => context.setOffline(is) };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
