// What every test of the page needs: the simulator, a browser, and a page that is watched for problems.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../shared/chromium.mjs";

export const WWW = fileURLToPath(new URL("../../www", import.meta.url));
const SIMULATOR = process.env.SIMULATOR_BIN
  ?? fileURLToPath(new URL("../../target/debug/teams-device-diagnostics-simulator", import.meta.url));

let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

/** Starts a simulator of its own for a test: a run that one test leaves queued would be a conflict in the next. */
async function startSimulator(paceMs) {
  const flags = ["--port", "0", "--www", WWW, "--pace-ms", String(paceMs), "--exit-with-stdin"];
  const { stdin, stdout } = spawn(SIMULATOR, flags, { stdio: ["pipe", "pipe", "inherit"] });
  const [greeting] = await once(createInterface(stdout), "line");
  const [origin] = /http:\S+/.exec(greeting);
  return { origin, stop: () => stdin.end() };
}

/**
 * A test on a fresh page. Whatever it does, the page must raise no error, break no rule of its Content-Security-Policy, and
 * ask nobody but the server that it came from.
 *
 * @param {string} name
 * @param {(watched: { page: import("playwright-core").Page, sent: string[] }) => Promise<void>} body `sent` lists the calls to
 *   Graph, such as `POST /beta/teamwork/devices/failed/runDiagnostics`
 * @param {import("playwright-core").BrowserContextOptions & { url?: string, paceMs?: number }} options `url` is
 *   where the page lies when the simulator does not serve it; `paceMs` is how long a simulated operation keeps each state
 */
export function pageTest(name, body, { url, paceMs = 400, ...contextOptions } = {}) {
  test(name, { timeout: 60_000 }, async () => {
    const simulator = url === undefined ? await startSimulator(paceMs) : undefined;
    const context = await browser.newContext({ locale: "en-GB", ...contextOptions });
    try {
      const address = simulator?.origin ?? url;
      const page = await context.newPage();
      const { sent, problems } = watch(page, address);
      await page.goto(address);
      if (simulator) await page.locator("#cloud option[value^='simulated:']").waitFor({ state: "attached" });
      await body({ page, sent });
      assert.deepEqual(problems, []);
    } finally {
      await context.close();
      simulator?.stop();
    }
  });
}

function watch(page, served) {
  const sent = [];
  const problems = [];
  const isGraph = (address) => new URL(address).pathname.startsWith("/beta/");
  page.on("request", (request) => {
    const { origin: asked, pathname } = new URL(request.url());
    if (asked !== new URL(served).origin && !request.url().startsWith("data:")) problems.push(`asked ${request.url()}`);
    if (isGraph(request.url())) sent.push(`${request.method()} ${pathname}`);
  });
  page.on("requestfailed", (request) => {
    const stopped = isGraph(request.url()) && request.failure()?.errorText === "net::ERR_ABORTED";
    if (!stopped) problems.push(`${request.url()} ${request.failure()?.errorText}`);
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // Chromium itself logs every HTTP status above 399; from Graph these are answers like any other.
    const answer = message.text().startsWith("Failed to load resource") && isGraph(message.location().url);
    if (["error", "warning"].includes(message.type()) && !answer) problems.push(message.text());
  });
  return { sent, problems };
}

/** Fills the form in and starts a run. */
export async function run(page, deviceId, token = "a-token") {
  await page.getByLabel("Access token").fill(token);
  await page.getByLabel("Device ID").fill(deviceId);
  await page.getByRole("button", { name: "Run" }).click();
}

/** The outcome, once its heading says so. */
export async function outcome(page, title) {
  await page.getByRole("heading", { name: title }).waitFor({ timeout: 30_000 });
  return page.locator("#outcome");
}

/** The titles of the timeline's entries. */
export function timelineTitles(page) {
  return page.locator("#timeline strong").allTextContents();
}

/** Waits for an entry of the timeline. */
export async function entry(page, title) {
  const found = page.locator("#timeline li").filter({ has: page.getByText(title, { exact: true }) }).first();
  await found.waitFor({ timeout: 30_000 });
  return found;
}
