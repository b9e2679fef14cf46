// Lighthouse on the page with the simulated devices, with its own settings for a phone on a slow network.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { executablePath } from "../shared/chromium.mjs";
import { TOOLS_NODE, toolsEnvironment } from "../runtimes/programs.mjs";
import { WWW } from "../../scripts/page.mjs";
import { RUNTIMES } from "../../scripts/setup.mjs";
import { startSimulator } from "../../scripts/simulator.mjs";

/** It needs Node 22, so it is installed beside the Node that runs it. */
const LIGHTHOUSE = join(RUNTIMES, "node_modules", "lighthouse", "cli", "index.js");
const CATEGORIES = ["performance", "accessibility", "best-practices"];

/** The report of Lighthouse. Nothing is sent to its makers. @param {string} url @param {string} folder */
async function report(url, folder) {
  const path = join(folder, "report.json");
  const flags = ["--quiet", "--no-enable-error-reporting", "--output=json", `--output-path=${path}`];
  const chrome = "--chrome-flags=--headless=new --no-sandbox --disable-background-networking --disable-component-update --disable-sync";
  await promisify(execFile)(TOOLS_NODE, [LIGHTHOUSE, url, ...flags, chrome, `--only-categories=${CATEGORIES}`], {
    env: { ...process.env, ...toolsEnvironment(folder), CHROME_PATH: executablePath, HOME: folder },
  });
  return JSON.parse(await readFile(path, "utf8"));
}

test("Lighthouse finds nothing to improve in accessibility and best practices", {
  timeout: 120_000,
  skip: existsSync(LIGHTHOUSE) ? false : "npm test installs Lighthouse",
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "lighthouse-"));
  const simulator = await startSimulator(["--port", "0", "--www", WWW]);
  try {
    const { lighthouseVersion, categories, audits } = await report(simulator.url, folder);
    const scores = CATEGORIES.map((name) => `${name} ${Math.round(100 * categories[name].score)}`);
    const times = [
      "first-contentful-paint",
      "largest-contentful-paint",
      "total-blocking-time",
      "speed-index",
      "cumulative-layout-shift",
    ].map((name) => `${audits[name].title.toLowerCase()} ${audits[name].displayValue}`);
    console.log(`Lighthouse ${lighthouseVersion}, mobile: ${scores.join(", ")}; ${times.join(", ")}`);
    for (const name of ["accessibility", "best-practices"]) {
      const found = categories[name].auditRefs.map(({ id }) => audits[id]).filter(({ score }) => score !== null && score < 1);
      assert.deepEqual(
        found.map(({ title }) => title),
        [],
        name,
      );
      assert.equal(categories[name].score, 1, name);
    }
  } finally {
    simulator.stop();
    await rm(folder, { recursive: true });
  }
});
