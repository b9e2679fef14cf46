// The environment of the page's tests: the simulator, a browser, and a page whose problems are recorded.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { spawnSimulator } from "../../scripts/simulator.mjs";
import { matched } from "../../scripts/tools.mjs";
import { launchChromium } from "../shared/chromium.mjs";
import { Portal } from "./portal.mjs";

export const WWW = fileURLToPath(new URL("../../www", import.meta.url));
export const GRAPH = "https://graph.microsoft.com";

/** For suites whose tests mostly wait. Each test has its own page and simulator. */
export const AT_ONCE = { concurrency: 4 };

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

/**
 * Starts a simulator that serves the page. Each test has its own, because a run that one test leaves queued would be a conflict in another.
 *
 * @param {{ paceMs?: number, tenant?: string, flags?: string[] }} options
 */
export async function startSimulator({ paceMs = 60, tenant = "catalogue", flags = [] } = {}) {
  const { stdin, stdout } = spawnSimulator(["--port", "0", "--www", WWW, "--pace-ms", String(paceMs), ...flags]);
  const [greeting] = await once(createInterface(stdout), "line");
  const [origin] = matched(/http:\S+/, greeting);
  await fetch(`${origin}/simulator/tenant?tenant=${tenant}`, { method: "POST" });
  return { origin, stop: () => stdin.end() };
}

/**
 * A test on a new page. In every test the page must raise no error, must not violate its Content-Security-Policy, and must send requests
 * only to its own server.
 *
 * @typedef {object} Watched
 * @property {import("playwright-core").Page} page
 * @property {Portal} portal the actions of a user on it
 * @property {string[]} sent the requests to Graph, such as `POST /beta/teamwork/devices/failed/runDiagnostics`
 * @property {string} origin of the simulator
 *
 * @param {string} name
 * @param {(watched: Watched) => Promise<void>} body
 * @param {import("playwright-core").BrowserContextOptions & Options} options
 *
 * @typedef {object} Options
 * @property {number} [paceMs] how long a simulated operation keeps each state
 * @property {string} [tenant] the tenant that the simulator shows
 * @property {string[]} [flags] of the simulator
 * @property {string[]} [known] other origins that the page may send requests to
 * @property {boolean} [provokes] whether the test causes violations on purpose
 * @property {boolean} [plain] whether a plain web server serves the page, and requests to the global Graph go to the simulator
 * @property {number} [timeout] of the test, in milliseconds
 */
export function pageTest(
  name,
  body,
  { paceMs, tenant, flags, plain = false, known = [], provokes = false, timeout = 60_000, ...contextOptions } = {},
) {
  test(name, { timeout }, async () => {
    const simulator = await startSimulator({ paceMs, tenant, flags });
    const server = plain ? await startPlainServer() : undefined;
    const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Vienna", ...contextOptions });
    try {
      const address = server?.origin ?? simulator.origin;
      if (plain || known.includes(GRAPH)) await context.route(`${GRAPH}/**`, (route) => toSimulator(route, simulator.origin));
      const page = await context.newPage();
      const { sent, problems } = await watch(page, address, plain ? [GRAPH, ...known] : known);
      await page.goto(address);
      const portal = new Portal(page, simulator.origin);
      await portal.isReady({ simulated: !plain });
      await body({ page, portal, sent, origin: simulator.origin });
      if (!provokes) assert.deepEqual(problems, []);
    } finally {
      await context.close();
      server?.stop();
      simulator.stop();
    }
  });
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} served the origin of the page
 * @param {string[]} known other origins that it may send requests to
 */
export async function watch(page, served, known = []) {
  /** @type {string[]} */
  const sent = [];
  /** @type {string[]} */
  const problems = [];
  const expected = [new URL(served).origin, ...known];
  /** @param {string} address */
  const isKnown = (address) => URL.canParse(address) && expected.includes(new URL(address).origin);
  // A browser requests the icon of the tab again when it likes, also without a network.
  const isIcon = (/** @type {string} */ address) => /\/favicon[^/]*\.svg$/.test(address);
  /** @param {string} address */
  const isGraph = (address) => isKnown(address) && new URL(address).pathname.startsWith("/beta/");
  page.on("request", (request) => {
    // The target of a redirect is reported as a request too, although nothing is sent there.
    if (!isKnown(request.url()) && !request.url().startsWith("blob:") && request.redirectedFrom() === null)
      problems.push(`a request for ${request.url()}`);
    if (isGraph(request.url()) && request.method() !== "OPTIONS") sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  page.on(
    "response",
    (response) => isKnown(response.url()) || response.url().startsWith("blob:") || problems.push(`a response of ${response.url()}`),
  );
  page.on("requestfailed", (request) => {
    // Responses that the simulator loses on purpose, and requests that the page aborts or leaves.
    const errorText = request.failure()?.errorText;
    if (isIcon(request.url()) && errorText === "net::ERR_INTERNET_DISCONNECTED") return;
    if (!isGraph(request.url()) && errorText !== "net::ERR_ABORTED") problems.push(`${request.url()} ${errorText}`);
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // Chromium logs every HTTP status above 399, but from Graph these are ordinary responses.
    const { url } = message.location();
    const isStatus = message.text().startsWith("Failed to load resource") && (isGraph(url) || isIcon(url));
    if (["error", "warning"].includes(message.type()) && !isStatus) problems.push(message.text());
  });
  await page.exposeFunction("reportViolation", (/** @type {string} */ violation) => problems.push(violation));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
      window.reportViolation(`${violatedDirective} forbids ${blockedURI} ${sample}`);
    });
  });
  return { sent, problems };
}

/** Sends a request to the simulator instead. @param {import("playwright-core").Route} route @param {string} origin the simulator's */
async function toSimulator(route, origin) {
  const url = origin + route.request().url().slice(GRAPH.length);
  // The page may have been left before the response comes.
  return route
    .fetch({ url })
    .then((response) => route.fulfill({ response }))
    .catch(() => {});
}

/** The same quality as in the simulator. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** A web server like any static hosting: it serves files with their media types, compressed. */
export async function startPlainServer() {
  const server = createServer(async ({ url = "", headers }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    try {
      const body = await readFile(join(WWW, path));
      response.setHeader("Content-Type", TYPES[extname(path)] ?? "text/plain");
      if (!/\bbr\b/.test(String(headers["accept-encoding"]))) return response.end(body);
      response.setHeader("Content-Encoding", "br").end(brotliCompressSync(body, BROTLI));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`, stop };
}
