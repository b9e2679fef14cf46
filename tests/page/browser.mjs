// What every test of the page needs: the simulator, a browser, and a page that is watched for problems.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { simulatorProgram } from "../../scripts/simulator.mjs";
import { launchChromium } from "../shared/chromium.mjs";
import { Portal } from "./portal.mjs";

export const WWW = fileURLToPath(new URL("../../www", import.meta.url));
export const GRAPH = "https://graph.microsoft.com";

/** For suites whose tests mostly wait: each has a page and a simulator of its own. */
export const AT_ONCE = { concurrency: 4 };

let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

/**
 * Starts a simulator that serves the page, one for each test: a run that one test leaves queued would be a conflict in the next.
 *
 * @param {{ paceMs?: number, scenario?: string, flags?: string[] }} options
 */
export async function startSimulator({ paceMs = 60, scenario = "catalogue", flags = [] } = {}) {
  const all = ["--port", "0", "--www", WWW, "--pace-ms", String(paceMs), "--exit-with-stdin", ...flags];
  const { stdin, stdout } = spawn(simulatorProgram(), all, { stdio: ["pipe", "pipe", "inherit"] });
  const [greeting] = await once(createInterface(stdout), "line");
  const [origin] = /http:\S+/.exec(greeting);
  await fetch(`${origin}/simulator/tenant?scenario=${scenario}`, { method: "POST" });
  return { origin, stop: () => stdin.end() };
}

/**
 * A test on a fresh page. Whatever it does, the page must raise no error, break no rule of its Content-Security-Policy, and
 * ask nobody but the server that it came from.
 *
 * @typedef {object} Watched
 * @property {import("playwright-core").Page} page
 * @property {Portal} portal what a person does on it
 * @property {string[]} sent the calls to Graph, such as `POST /beta/teamwork/devices/failed/runDiagnostics`
 * @property {string} origin the simulator's
 *
 * @param {string} name
 * @param {(watched: Watched) => Promise<void>} body
 * @param {import("playwright-core").BrowserContextOptions & Options} options
 *
 * @typedef {object} Options
 * @property {number} [paceMs] how long a simulated operation keeps each state
 * @property {string} [scenario] the tenant that the simulator shows
 * @property {string[]} [flags] of the simulator
 * @property {string[]} [known] origins that the page may ask as well
 * @property {boolean} [provokes] it breaks rules on purpose
 * @property {boolean} [plain] the page lies on a plain web server, and the global Graph's address leads to the simulator
 * @property {number} [timeout] of the test, in milliseconds
 */
export function pageTest(
  name,
  body,
  { paceMs, scenario, flags, plain = false, known = [], provokes = false, timeout = 60_000, ...contextOptions } = {},
) {
  test(name, { timeout }, async () => {
    const simulator = await startSimulator({ paceMs, scenario, flags });
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
 * @param {string} served where the page comes from
 * @param {string[]} known origins that it may ask as well
 */
export async function watch(page, served, known = []) {
  const sent = [];
  const problems = [];
  const expected = [new URL(served).origin, ...known];
  const isKnown = (address) => URL.canParse(address) && expected.includes(new URL(address).origin);
  const isGraph = (address) => isKnown(address) && new URL(address).pathname.startsWith("/beta/");
  page.on("request", (request) => {
    // Where an answer leads is told as a request as well, although nothing is sent there.
    if (!isKnown(request.url()) && !request.url().startsWith("blob:") && request.redirectedFrom() === null)
      problems.push(`asked ${request.url()}`);
    if (isGraph(request.url()) && request.method() !== "OPTIONS") sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  page.on(
    "response",
    (response) => isKnown(response.url()) || response.url().startsWith("blob:") || problems.push(`${response.url()} answered`),
  );
  page.on("requestfailed", (request) => {
    // What the simulator loses on purpose, and what the page ends or leaves behind.
    const errorText = request.failure()?.errorText;
    if (!isGraph(request.url()) && errorText !== "net::ERR_ABORTED") problems.push(`${request.url()} ${errorText}`);
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // Chromium itself logs every HTTP status above 399; from Graph these are answers like any other.
    const answer = message.text().startsWith("Failed to load resource") && isGraph(message.location().url);
    if (["error", "warning"].includes(message.type()) && !answer) problems.push(message.text());
  });
  await page.exposeFunction("reportViolation", (violation) => problems.push(violation));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
      window.reportViolation(`${violatedDirective} forbids ${blockedURI} ${sample}`);
    });
  });
  return { sent, problems };
}

/** Answers in Graph's place. @param {import("playwright-core").Route} route @param {string} origin the simulator's */
async function toSimulator(route, origin) {
  const url = origin + route.request().url().slice(GRAPH.length);
  // The page may have left before the answer is there.
  return route.fulfill({ response: await route.fetch({ url }) }).catch(() => {});
}

/** As the simulator does. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** A web server that knows files and their media types, and compresses them: what any static hosting does. */
export async function startPlainServer() {
  const server = createServer(async ({ url, headers }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    try {
      const body = await readFile(join(WWW, path));
      response.setHeader("Content-Type", TYPES[extname(path)] ?? "text/plain");
      if (!/\bbr\b/.test(headers["accept-encoding"])) return response.end(body);
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
