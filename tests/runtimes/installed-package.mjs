// What every environment needs for the job: a customer's folder, the simulated Graph, programs whose output is checked, and browsers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { run } from "../../scripts/run.mjs";
import { RUNTIMES } from "../../scripts/setup.mjs";
import { startSimulator } from "../../scripts/simulator.mjs";
import { environment } from "../../scripts/tools.mjs";
import { launchChromium } from "../shared/chromium.mjs";
import { installPackage } from "../shared/customer.mjs";
import { openInFirefox } from "../sockets/browsers.mjs";
import { program, toolsEnvironment } from "./programs.mjs";

/** The policy of pages and workers: no inline script, no eval, no data: URL. */
export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http://127.0.0.1:*; img-src 'self'";

/** The code with which a script reports its result, on pages that `serve` serves. */
export const TELL = '(text) => fetch("/told", { method: "POST", body: text })';

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const WARNING = /warn|deprecat|⚠|\(!\)/i;

/** Fails if the output of a tool contains anything like a warning. @param {string} output */
export const assertNoWarning = (output) => assert.doesNotMatch(output, WARNING);

/**
 * @typedef {Awaited<ReturnType<typeof installPackageAndServices>>} Place
 *
 * Something that runs the job.
 *
 * @typedef {object} Environment
 * @property {string} environment its name
 * @property {string} version
 * @property {string | false} [absent] why it cannot run here
 * @property {Record<string, (place: Place) => Promise<string | null>>} ways how the package is loaded; each resolves to the reported status
 */

export async function installPackageAndServices() {
  const { folder, remove } = installPackage(RUNTIMES);
  // Bundlers would read the nearest one above, which is not the customer's.
  writeFileSync(join(folder, "tsconfig.json"), "{}");
  const simulator = await startSimulator(["--port", "0", "--pace-ms", "20"]);
  const baseUrl = `${simulator.url}/beta`;
  const env = toolsEnvironment(folder);
  /** @type {import("playwright-core").Browser | undefined} */
  let chromium;

  /** Writes a file into the customer's folder. @param {string} name @param {string} text */
  function write(name, text) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Runs a program in the customer's folder; resolves to all its output, which may contain no warning. @param {string} program @param {...string} args */
  async function complete(program, ...args) {
    const { code, stdout, output } = await run(program, args, { cwd: folder, env, quiet: true });
    assert.equal(code, 0, output);
    assertNoWarning(output);
    return { stdout: stdout.trim(), output };
  }

  /** The same; resolves to the standard output. @param {string} program @param {...string} args */
  const call = async (program, ...args) => (await complete(program, ...args)).stdout;

  /**
   * Starts a server.
   *
   * @param {RegExp} found matches its output when it is ready; the first group is the port
   * @param {string} program
   * @param {...string} args
   */
  async function start(found, program, ...args) {
    const child = spawn(program, args, { cwd: folder, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const port = await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          output += chunk;
          const [, port] = found.exec(output) ?? [];
          if (port) resolve(port);
        });
      }
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`${program} ended at once (exit code ${code})\n${output}`)));
    });
    const stop = async () => {
      if (child.exitCode === null && child.kill()) await once(child, "exit");
      assertNoWarning(output);
    };
    return { url: `http://127.0.0.1:${port}/`, stop };
  }

  /** Runs a worker in workerd; resolves to the text of its response. @param {string} name of its folder @param {string} worker */
  async function inWorkerd(name, worker) {
    const date = "2026-11-01";
    const built = join(folder, name, "out");
    write(`${name}/worker.js`, worker);
    write(`${name}/wrangler.json`, JSON.stringify({ name: "customer", main: "worker.js", compatibility_date: date }));
    await call(program("wrangler"), "deploy", "--dry-run", "--outdir", "out", "--config", `${name}/wrangler.json`);
    const wasm = readdirSync(built).find((file) => file.endsWith(".wasm"));
    write(
      `${name}/out/config.capnp`,
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "${wasm}", wasm = embed "${wasm}")],
      compatibilityDate = "${date}",
      globalOutbound = "network",
    )),
    (name = "network", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);`,
    );
    const { url, stop } = await start(/"port":(\d+)/, program("workerd"), "serve", "--control-fd=1", `${name}/out/config.capnp`);
    const response = await fetch(url).finally(stop);
    return response.text();
  }

  /**
   * Opens a page in Chromium until `see` settles; the page may log no warning or error, and throw nothing.
   *
   * @template Seen
   * @param {string} url
   * @param {(page: import("playwright-core").Page) => Promise<Seen>} see
   * @returns {Promise<Seen>}
   */
  async function visit(url, see) {
    chromium ??= await launchChromium();
    const page = await chromium.newPage();
    /** @type {Promise<never>} */
    const complaint = new Promise((_, reject) => {
      page.on("console", (message) => ["warning", "error"].includes(message.type()) && reject(new Error(message.text())));
      page.on("pageerror", reject);
    });
    try {
      return await Promise.race([page.goto(url).then(() => see(page)), complaint]);
    } finally {
      await page.close();
    }
  }

  /**
   * Serves a folder of the customer, with a page for a script if there is none; resolves to what a script reported.
   *
   * @param {string} root
   * @param {{ script?: string, type?: string, browser?: "Chromium" | "Firefox" }} [options]
   */
  async function page(root, { script, type = "module", browser = "Chromium" } = {}) {
    const { url, told, stop } = await serve(join(folder, root), STRICT, script && `<script type="${type}" src="/${script}"></script>`);
    try {
      if (browser === "Chromium") return await visit(url, () => told);
      const { close } = await openInFirefox(url);
      return await told.finally(close);
    } finally {
      stop();
    }
  }

  async function close() {
    await chromium?.close();
    simulator.stop();
    remove();
  }

  return { folder, baseUrl, write, call, complete, start, visit, page, inWorkerd, close };
}

/**
 * Serves a folder; `told` resolves to what a page posted to /told.
 *
 * @param {string} folder
 * @param {string} policy
 * @param {string} [page] the start page
 */
export async function serve(folder, policy, page) {
  /** @type {string[]} */
  const reports = [];
  /** @type {(text: string) => void} */
  let tell;
  /** @type {Promise<string>} */
  const told = new Promise((resolve, reject) => {
    tell = resolve;
    setTimeout(() => reject(new Error("The page told nothing in 60 seconds")), 60_000).unref();
  });
  // A rejection is handled where `told` is awaited.
  told.catch(() => {});
  const server = createServer(async (request, response) => {
    const { url = "/" } = request;
    const path = url === "/" ? "/index.html" : url.split("?")[0];
    /** @param {number} status @param {string} [type] @param {string | Buffer} [body] */
    const respond = (status, type = "text/plain", body = "") =>
      response.writeHead(status, { "content-type": type, "content-security-policy": policy }).end(body);
    if (request.method === "POST") {
      const body = Buffer.concat(await request.toArray()).toString();
      if (path === "/told") tell(body);
      else reports.push(body);
      return respond(204);
    }
    if (page && path === "/index.html") return respond(200, TYPES[".html"], `<!doctype html>${page}`);
    if (!existsSync(join(folder, path))) return respond(path === "/favicon.ico" ? 204 : 404);
    respond(200, TYPES[extname(path)], readFileSync(join(folder, path)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`, told, reports, stop };
}
