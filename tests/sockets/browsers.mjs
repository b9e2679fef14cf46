// Browsers that make the customer's calls on a page. The page's origin is not the service's, as in every portal: preflights
// go over the same broken connections.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { environment } from "../../scripts/tools.mjs";
import { launchChromium } from "../shared/chromium.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["/tests/sockets/customer.mjs", "/pkg/dist/index.js"];
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
  import * as customer from "${FILES[0]}";
  const asked = async () => performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin);
  performance.setResourceTimingBufferSize(100_000);
  window.customer = { ...customer, asked };
</script>`;

/**
 * Serves the customer's page, opens it in a browser, and hands the calls of tests over to it.
 *
 * @param {typeof openInChromium} openIn
 */
export async function startBrowser(openIn) {
  const { url, stop } = await servePage();
  const { call, close } = await openIn(url);
  const known = [new URL(url).origin, "null"];
  const to = (name) => (...args) => call(name, args);
  const strangers = async () => (await call("asked", [])).filter((origin) => !known.includes(origin));
  /** @returns {Promise<import("./every-client.mjs").Client>} */
  const open = async (t, { origin }) => {
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
  const server = createServer(async ({ url }, response) => {
    const isFile = FILES.includes(url);
    response.writeHead(200, { "content-type": isFile ? "text/javascript" : "text/html" });
    response.end(isFile ? await readFile(new URL(`.${url}`, ROOT)) : PAGE);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

export async function openInChromium(url) {
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(url);
  const call = (name, args) => page.evaluate(([name, args]) => window.customer[name](...args), [name, args]);
  return { call, close: () => browser.close() };
}

/** Through geckodriver, since Playwright drives no Firefox but its own. */
export async function openInFirefox(url) {
  const driver = spawn("geckodriver", ["--port", "0"], { env: environment(), stdio: ["ignore", "pipe", "ignore"] });
  try {
    const session = await startSession(await portOf(driver));
    await session.send("POST", "/url", { url });
    const close = async () => {
      await session.send("DELETE", "");
      driver.kill();
    };
    return { call: callsIn(session), close };
  } catch (error) {
    driver.kill();
    throw error;
  }
}

/** Where geckodriver listens, by its own word. */
function portOf(driver) {
  return new Promise((resolve, reject) => {
    driver.on("error", reject);
    driver.on("exit", (code) => reject(new Error(`geckodriver ended at once (exit code ${code})`)));
    createInterface(driver.stdout).on("line", (line) => {
      const found = /Listening on .*:(\d+)/.exec(line);
      if (found) resolve(found[1]);
    });
  });
}

/** A WebDriver session: <https://www.w3.org/TR/webdriver2/>. */
async function startSession(port) {
  const command = async (method, path, parameters) => {
    const headers = { "content-type": "application/json" };
    const body = method === "POST" ? JSON.stringify(parameters) : undefined;
    const response = await fetch(`http://127.0.0.1:${port}/session${path}`, { method, headers, body });
    const { value } = await response.json();
    if (!response.ok) throw new Error(value.message);
    return value;
  };
  const alwaysMatch = { browserName: "firefox", "moz:firefoxOptions": { args: ["-headless"] } };
  const { sessionId } = await command("POST", "", { capabilities: { alwaysMatch } });
  return { send: (method, path, parameters) => command(method, `/${sessionId}${path}`, parameters) };
}

/** Makes calls at the same time: a script holds up all others until it ends, so that none may wait for an outcome. */
function callsIn(session) {
  const run = (script, ...args) => session.send("POST", "/execute/sync", { script, args });
  const begin = `const [number, name, args] = arguments;
    window.customer[name](...args).catch(({ message }) => ({ said: message }))
      .then((outcome) => { (window.outcomes ??= {})[number] = JSON.stringify(outcome); });`;
  let calls = 0;
  return async (name, args) => {
    const number = ++calls;
    await run(begin, number, name, args);
    for (;;) {
      const outcome = await run("return window.outcomes?.[arguments[0]]", number);
      if (outcome !== null) return JSON.parse(outcome);
      await pause(100);
    }
  };
}
