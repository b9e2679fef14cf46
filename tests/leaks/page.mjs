// A page in Chromium that counts what calls leave behind. Timers and listeners are counted here, requests by the browser and by the
// simulated Graph.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { startSimulator } from "../simulator/simulator.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["/tests/leaks/customer.mjs", "/pkg/dist/index.js", "/pkg/dist/errors.js"];
const PAGE = '<!doctype html><link rel="icon" href="data:,">';

/** Serves an empty page and the files that it may load. */
export async function servePage() {
  const server = createServer(async ({ url = "" }, response) => {
    const isFile = FILES.includes(url);
    response.writeHead(200, { "content-type": isFile ? "text/javascript" : "text/html" });
    response.end(isFile ? await readFile(new URL(`.${url}`, ROOT)) : PAGE);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`, stop: () => server.close() };
}

/**
 * Opens a page with its own simulated Graph.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 */
export async function openPage(t, browser, url) {
  const { origin } = await startSimulator(t);
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const open = new Set();
  page.on("request", (request) => request.url().startsWith(origin) && open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
  await page.addInitScript(countOnPage);
  await page.goto(url);
  return {
    page,
    /** Calls a function of the page's customer; resolves to its result. */
    call: (/** @type {string} */ name, /** @type {unknown[]} */ ...args) =>
      page.evaluate(async ({ module, name, args }) => (await import(module))[name](...args), { module: FILES[0], name, args }),
    baseUrl: `${origin}/beta`,
    /** The timers and listeners on the page, and the open requests. */
    left: async () => ({ ...(await page.evaluate(() => window.left())), requests: open.size }),
    /** The number of requests that reached the service, without preflights. */
    sent: async () => {
      /** @type {{ method: string }[]} */
      const received = await (await fetch(`${origin}/simulator/requests`)).json();
      return received.filter(({ method }) => method !== "OPTIONS").length;
    },
    online: (/** @type {boolean} */ is) => context.setOffline(!is),
  };
}

/** Runs on the page before all other scripts. */
function countOnPage() {
  /** @type {Set<unknown>} */
  const timers = new Set();
  const { setTimeout, clearTimeout } = window;
  // @ts-expect-error: the types are Node's, whose function also has a form for promises
  window.setTimeout = (callback, ...rest) => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        callback();
      },
      ...rest,
    );
    timers.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    timers.delete(timer);
    clearTimeout(timer);
  };
  /** @type {unknown[][]} */
  const listeners = [];
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (...listener) {
    listeners.push([this ?? window, ...listener]);
    return addEventListener.apply(this ?? window, listener);
  };
  EventTarget.prototype.removeEventListener = function (type, callback, ...rest) {
    const target = this ?? window;
    const at = listeners.findIndex((listener) => listener[0] === target && listener[1] === type && listener[2] === callback);
    if (at >= 0) listeners.splice(at, 1);
    return removeEventListener.call(target, type, callback, ...rest);
  };
  window.left = () => ({ timers: timers.size, listeners: listeners.length });
}
