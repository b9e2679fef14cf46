// A fresh folder with the packed package installed, a simulated Graph, and a page in Chromium, for the tests beside it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../shared/chromium.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const binary = process.env.SIMULATOR_BIN ?? join(root, "target", "debug", "teams-device-diagnostics-simulator");

/** Packs the package as it would be published, and installs it offline into an empty folder. */
export function install() {
  const folder = mkdtempSync(join(tmpdir(), "teams-device-diagnostics-"));
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: join(root, "pkg"), encoding: "utf8" });
  const report = JSON.parse(packed);
  const [{ filename, files }] = Array.isArray(report) ? report : Object.values(report);
  writeFileSync(join(folder, "package.json"), '{ "name": "customer", "private": true }');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, filename)], { cwd: folder, stdio: "pipe" });
  return { folder, files: files.map(({ path }) => path).sort() };
}

/** @returns {Promise<{ url: string, stop: () => void }>} */
export async function simulator() {
  const child = spawn(binary, ["--port", "0", "--pace-ms", "20", "--exit-with-stdin"], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await new Promise((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk).split("\n"))));
  return { url: line.split(" on ")[1].trim(), stop: () => child.kill() };
}

/** The job as every customer of these tests writes it; the last line that it prints is `Successful`. */
export const job = (url) => `
const location = await runDiagnostics("token", "successful", { baseUrl: "${url}/beta" });
const operation = await waitForOperation(location, { pollInterval: 10 });
console.log(operation.status);
`;

/** Runs a script of a folder on a page under a strict policy; resolves to what it printed. */
export async function inChromium(folder, script, policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src *; img-src data:") {
  const server = createServer((request, response) => {
    if (request.url === "/") {
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy });
      return response.end(`<!doctype html><link rel="icon" href="data:,"><script type="module" src="/${script}"></script>`);
    }
    response.writeHead(200, { "content-type": "text/javascript" });
    response.end(readFileSync(join(folder, request.url)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const printed = new Promise((resolve) => {
      page.on("console", (message) => resolve(message.text()));
      page.on("pageerror", (error) => resolve(String(error)));
    });
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await printed;
  } finally {
    await browser.close();
    server.close();
  }
}
