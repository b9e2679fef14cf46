// How the examples for pages are run in Chromium and checked.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { matched } from "../../scripts/tools.mjs";
import { startSimulator } from "../simulator/simulator.mjs";
import { chromium, openPortal } from "./portal.mjs";
import { GRAPH, home, named } from "./programs.mjs";

/** @typedef {import("./programs.mjs").Run} Run */

/** Makes both calls on a page with exactly this policy. @type {Run} */
export async function thePolicy(t, { text: policy }) {
  const [, name, value] = matched(/^([^:]+): (.*)$/, policy);
  const [run, failing] = [await onPages(t, named("conflict")), await onPages(t, named("errors"))];
  /** @param {string} value */
  const onPage = (value) => run({ [name]: value });
  assert.equal(await onPage(value), "Successful");
  assert.match(await onPage(value.replace(GRAPH, "'none'")), /Content Security Policy/, "nothing in it is too much");
  // The hint names the directive.
  assert.match(
    await failing({ [name]: value.replace("'wasm-unsafe-eval'", "") }),
    /not allowed here Add 'wasm-unsafe-eval'|Content Security Policy/,
  );
}

/** @type {Run} */
export async function theServedWasm(t, example) {
  const onPage = await onPages(t, example);
  assert.equal(await onPage(), "Successful");
}

/** @type {Run} */
export async function theLatePackage(t, example) {
  const { origin } = await startSimulator(t);
  for (const [device, said] of /** @type {[string, RegExp][]} */ ([
    ["successful", /^Successful$/],
    ["withdrawn", /^Graph responded with 410/],
  ])) {
    const given = `const button = document.body.appendChild(document.createElement("button"));`;
    /** @type {string[]} */
    const downloaded = [];
    const page = await openPortal(await chromium(t), origin, pageFiles(example.text, device, given), {}, (page) => {
      page.on("request", (request) => downloaded.push(new URL(request.url()).pathname));
    });
    await page.waitForLoadState("networkidle");
    assert.ok(downloaded.includes("/errors.js") && !downloaded.includes("/index.js"), downloaded.join(" "));
    const told = page.waitForEvent("console", { predicate: (message) => said.test(message.text()) });
    await page.getByRole("button").click();
    await told;
    assert.equal(downloaded.filter((path) => path === "/index.js").length, 1);
    assert.equal(downloaded.filter((path) => path === "/errors.js").length, 1, "one class");
  }
}

/**
 * The files for a page of the portal that runs an example: the example's own file, and those of the package under short names.
 *
 * @param {string} text
 * @param {string} [device]
 * @param {string} [given] its first lines
 * @returns {import("./portal.mjs").Files}
 */
function pageFiles(text, device = "successful", given = "") {
  const code = text.replaceAll(/"teams-device-diagnostics(?:\/(init|errors))?"/g, (_, entry = "index") => `"/${entry}.js"`);
  /** @param {string} name */
  const dist = (name) => readFileSync(join(home.folder, "node_modules/teams-device-diagnostics/dist", name));
  return {
    "/": ["text/html", '<!doctype html><body></body><script type="module" src="/example.js"></script>'],
    "/example.js": ["text/javascript", `const token = "a-token", deviceId = "${device}";${given}\n${code}`],
    "/index.js": ["text/javascript", dist("index.js")],
    "/init.js": ["text/javascript", dist("init.js")],
    "/errors.js": ["text/javascript", dist("errors.js")],
    "/assets/teams_device_diagnostics.wasm": ["application/wasm", dist("teams_device_diagnostics.wasm")],
  };
}

/**
 * Runs an example on pages with the given header fields; resolves to its first message. Requests for Graph go to the simulator.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("./examples.mjs").Example} example
 * @returns {Promise<(headers?: Record<string, string>) => Promise<string>>}
 */
async function onPages(t, { text }) {
  const { origin } = await startSimulator(t);
  const files = pageFiles(text);
  const browser = await chromium(t);
  return (headers = {}) =>
    new Promise((resolve, reject) => {
      openPortal(browser, origin, files, headers, (page) => {
        page.on("console", (message) => message.text().includes("favicon") || resolve(message.text()));
        page.on("pageerror", (error) => resolve(String(error)));
      }).catch(reject);
    });
}
