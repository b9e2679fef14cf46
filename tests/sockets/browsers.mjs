// Browsers that make the customer's calls on a page. As in every portal, the page has another origin than the service, so preflights use
// the same broken connections.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { launchChromium } from "../shared/chromium.mjs";
import { launchFirefox } from "../shared/firefox.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["/tests/sockets/customer.mjs", "/pkg/dist/index.js", "/pkg/dist/errors.js"];
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
  import * as customer from "${FILES[0]}";
  const requested = async () => performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin);
  performance.setResourceTimingBufferSize(100_000);
  window.customer = { ...customer, requested };
</script>`;

/**
 * Calls a function of the customer on the page; resolves to its result.
 *
 * @typedef {(name: string, args: unknown[]) => Promise<any>} Call
 */

/**
 * Serves the customer's page, opens it in a browser, and passes the calls of the tests to it.
 *
 * @param {(url: string) => Promise<{ call: Call, close: () => Promise<void> }>} openIn
 */
export async function startBrowser(openIn) {
  const { url, stop } = await servePage();
  const { call, close } = await openIn(url);
  const known = [new URL(url).origin, "null"];
  /** @param {string} name */
  const to =
    (name) =>
    /** @param {...unknown} args */
    (...args) =>
      call(name, args);
  /** @returns {Promise<string[]>} */
  const strangers = async () => (await call("requested", [])).filter((/** @type {string} */ origin) => !known.includes(origin));
  /** @type {import("./every-client.mjs").Open} */
  const open = async (_t, { origin }) => {
    known.push(origin);
    return { start: to("start"), follow: to("follow"), strangers };
  };
  const end = async () => {
    await close();
    stop();
  };
  return { open, end };
}

async function servePage() {
  const server = createServer(async ({ url = "" }, response) => {
    const isFile = FILES.includes(url);
    response.writeHead(200, { "content-type": isFile ? "text/javascript" : "text/html" });
    response.end(isFile ? await readFile(new URL(`.${url}`, ROOT)) : PAGE);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`, stop: () => server.close() };
}

/** @param {string} url */
export async function openInChromium(url) {
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(url);
  /** @type {Call} */
  const call = (name, args) => page.evaluate(async ({ name, args }) => (await window.customer)[name](...args), { name, args });
  return { call, close: () => browser.close() };
}

/** On a busy machine Firefox sometimes never loads its first page; then another one is started. @param {string} url */
export async function openInFirefox(url) {
  const { send, close } = await loadInFirefox(url).catch(() => loadInFirefox(url));
  return { call: callsIn(send), close };
}

/** @param {string} url */
async function loadInFirefox(url) {
  const firefox = await launchFirefox({ timeouts: { pageLoad: 60_000 } });
  try {
    await firefox.send("POST", "/url", { url });
    return firefox;
  } catch (error) {
    await firefox.close();
    throw error;
  }
}

/** Makes calls at the same time. A script blocks all others until it ends, so no script may wait for an outcome. @param {import("../shared/firefox.mjs").Send} send */
function callsIn(send) {
  /** @param {string} script @param {...unknown} args */
  const run = (script, ...args) => send("POST", "/execute/sync", { script, args });
  const begin = `const [number, name, args] = arguments;
    window.customer[name](...args).catch(({ message }) => ({ said: message }))
      .then((outcome) => { (window.outcomes ??= {})[number] = JSON.stringify(outcome); });`;
  let calls = 0;
  /** @type {Call} */
  const call = async (name, args) => {
    const number = ++calls;
    await run(begin, number, name, args);
    for (;;) {
      const outcome = await run("return window.outcomes?.[arguments[0]]", number);
      if (outcome !== null) return JSON.parse(outcome);
      await pause(100);
    }
  };
  return call;
}
