// Cold start in Chromium: each peer is bundled by esbuild, and imported and called on a page in a new browser context with empty caches.
// The simulated Graph serves the page, so that no request needs a preflight.
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromium } from "../../tests/shared/chromium.mjs";
import { bundlePeer } from "./bundle.mjs";
import { PEERS } from "./peers.mjs";
import { device, token } from "./tenant.mjs";

// In a page all peers use `fetch`.
const PAGE = `
const at = {};
const { fetch } = globalThis;
globalThis.fetch = async (...args) => {
  at.sent ??= performance.now();
  const response = await fetch(...args);
  at.responded ??= performance.now();
  return response;
};
globalThis.measure = async (peer, token, device) => {
  const began = performance.now();
  const { client } = await import("/" + peer + ".js");
  const imported = performance.now();
  await client({ baseUrl: location.origin + "/beta", token, pollInterval: 1 })(device);
  const since = (time) => time - began;
  return { imported: since(imported), sent: since(at.sent), responded: since(at.responded), ended: since(performance.now()) };
};
`;

/**
 * @typedef {{ url: string, stop: () => void, reset: () => Promise<unknown> }} Server
 *
 * @param {number} rounds
 * @param {(peers: string[], round: number) => string[]} inTurn
 * @param {(www: string) => Promise<Server>} startServer
 * @returns {Promise<import("./report.mjs").Results["browser"]>} by peer, milliseconds since the import began
 */
export async function inFreshContexts(rounds, inTurn, startServer) {
  const www = await mkdtemp(join(tmpdir(), "teams-device-diagnostics-www-"));
  writeFileSync(join(www, "index.html"), '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
  writeFileSync(join(www, "page.js"), PAGE);
  for (const peer of Object.keys(PEERS)) writeFileSync(join(www, `${peer}.js`), await bundlePeer(peer));
  const server = await startServer(www);
  const browser = await launchChromium();
  try {
    /** @type {Record<string, import("./report.mjs").Start[]>} */
    const peers = {};
    for (let round = 0; round < rounds; round++) {
      for (const peer of inTurn(Object.keys(PEERS), round)) (peers[peer] ??= []).push(await once(browser, server, peer));
    }
    return { version: browser.version(), peers };
  } finally {
    await browser.close();
    server.stop();
    await rm(www, { recursive: true });
  }
}

/** @param {import("playwright-core").Browser} browser @param {Server} server @param {string} peer */
async function once(browser, server, peer) {
  await server.reset();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/`);
    // The global is defined by the page above.
    return await page.evaluate((task) => Reflect.get(globalThis, "measure")(...task), [peer, token, device(0)]);
  } finally {
    await context.close();
  }
}
