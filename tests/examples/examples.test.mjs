// The examples folder: TypeScript checks the programs, and they run unchanged against the simulated Graph, in Node and in Chromium.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { ROOT, matched } from "../../scripts/tools.mjs";
import { customer, runInNode, typeCheck } from "../readme/customer.mjs";
import { chromium, openPortal } from "../readme/portal.mjs";
import { startSimulator } from "../simulator/simulator.mjs";

const TIMEOUT = { timeout: 90_000 };
const SCRIPT = "collect-logs.mjs";
const RECORDS = "records.ndjson";

/** The records of the script's last run. */
const records = () =>
  readFileSync(join(home.folder, RECORDS), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const received = async (origin) =>
  (await (await fetch(`${origin}/simulator/requests`)).json()).map(({ method, target }) => `${method} ${target}`);
const starts = async (origin) => (await received(origin)).filter((line) => line.startsWith("POST"));

let home;
before(() => {
  home = customer();
  cpSync(join(ROOT, "examples"), home.folder, { recursive: true });
});
after(() => home?.remove());

/** Bundles a program of the customer's folder for a page, as a portal would. */
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, loader: "tsx", resolveDir: home.folder },
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    logLevel: "silent",
    nodePaths: [join(ROOT, "node_modules")],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return outputFiles[0].text;
}

test("every program of the folder compiles strictly", TIMEOUT, async () => {
  const programs = readdirSync(join(ROOT, "examples"), { recursive: true, encoding: "utf8" }).filter((name) => /\.(mjs|tsx?)$/.test(name));
  assert.deepEqual(
    programs.sort(),
    ["collect-logs.mjs", "portal/CollectLogs.tsx", "portal/sign-in.ts", "resume/main.ts"],
    "all are run below",
  );
  assert.equal(await typeCheck(home.folder, programs), "");
});

test("the script collects from many devices, and reports each", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  rmSync(join(home.folder, RECORDS), { force: true });
  const { code, stdout } = await runInNode(home.folder, SCRIPT, readFileSync(join(ROOT, "examples", SCRIPT), "utf8"), {
    args: ["successful", "failed", "throttled", "withdrawn", "poll-forbidden", "succeeded"],
    GRAPH: origin,
    SIMULATOR: origin,
    GRAPH_BASE_URL: `${origin}/beta`,
  });
  assert.equal(code, 1, "not all succeeded");
  /** The table has a text with quotes in double quotes. @param {string} device */
  const report = (device) => matched(new RegExp(`│ ${device} +│ (['"])(.*)\\1 +│`), stdout)[2];
  assert.equal(report("successful"), "successful");
  assert.match(report("failed"), /^failed: .*Teams admin center/);
  assert.equal(report("throttled"), "successful");
  assert.match(report("withdrawn"), /^refused: Graph responded with 410/);
  assert.match(report("poll-forbidden"), /^stillRunning: Graph responded with 403/);
  assert.equal(report("succeeded"), "successful");
  assert.match(stdout, /^succeeded: succeeded$/m, "Graph's own word");
  const last = new Map(records().map(({ deviceId, state, outcome }) => [deviceId, outcome ?? state]));
  assert.deepEqual([last.get("failed"), last.get("withdrawn"), last.get("poll-forbidden")], ["failed", "refused", "running"]);
});

test("the command in the README works in this repository without a sign-in", TIMEOUT, async (t) => {
  const readme = readFileSync(join(ROOT, "examples", "README.md"), "utf8");
  const [, command] = matched(/^(.*node collect-logs\.mjs .*)$/m, readme);
  const { origin } = await startSimulator(t);
  const cwd = join(ROOT, "examples");
  // The file of a developer's own run is restored.
  const [runs, aside] = [join(cwd, RECORDS), join(cwd, `${RECORDS}.aside`)];
  if (existsSync(runs)) renameSync(runs, aside);
  t.after(() => (existsSync(aside) ? renameSync(aside, runs) : rmSync(runs, { force: true })));
  const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID, GRAPH_TOKEN, ...env } = process.env;
  const child = spawn("sh", ["-c", command.replace("http://127.0.0.1:8787", origin)], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const printed = Buffer.concat(await child.stdout.toArray()).toString();
  assert.match(printed, /│ successful +│ 'successful' +│/);
  assert.match(printed, /│ failed +│ 'failed: /);
  assert.match(printed, /│ throttled +│ 'successful' +│/);
});

test("the script ends on Ctrl-C, and goes on without a second start", TIMEOUT, async (t) => {
  // Slow enough that the run has not ended at the first poll.
  const devices = join(home.folder, "devices.json");
  writeFileSync(devices, JSON.stringify([{ id: "slow", scenario: { paceMs: 1_500 } }]));
  const { origin } = await startSimulator(t, "--devices", devices);
  rmSync(join(home.folder, RECORDS), { force: true });
  const env = { ...process.env, GRAPH: origin, SIMULATOR: origin, GRAPH_BASE_URL: `${origin}/beta` };
  const script = () => spawn(process.execPath, ["--import", "./surroundings.mjs", SCRIPT, "slow"], { cwd: home.folder, env });
  const ended = async (child, seen = (/** @type {string} */ _printed) => {}) => {
    let printed = "";
    for await (const chunk of child.stdout) seen((printed += chunk));
    return printed;
  };
  const first = script();
  let interrupted = false;
  const stopped = await ended(first, (printed) => {
    if (interrupted || !printed.includes("slow: ")) return;
    interrupted = first.kill("SIGINT");
  });
  assert.match(stopped, /Stopped\. Run the command again to continue\./);
  assert.match(records().at(-1).location, /\/operations\//);
  assert.match(await ended(script()), /│ slow +│ 'successful' +│/);
  assert.equal((await starts(origin)).length, 1);
});

test("the portal opens one window for all calls that wait for a token", TIMEOUT, async () => {
  const text = `${readFileSync(join(ROOT, "examples", "portal", "sign-in.ts"), "utf8")}
    const tokens = await Promise.all(Array.from({ length: 20 }, () => token({ scopes: ["s"] })));
    console.log(new Set(tokens));`;
  const { stdout } = await runInNode(home.folder, "sign-in.mjs", text);
  const printed = stdout.split("\n");
  assert.deepEqual(
    ["msal login", "msal popup"].map((window) => printed.filter((line) => line === window).length),
    [1, 1],
    stdout,
  );
  assert.equal(printed.at(-1), "Set(1) { 'token-1' }");
});

test("the portal's button collects, explains, and can stop waiting", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const code = await bundled(`
    import { createRoot } from "react-dom/client";
    import { CollectLogs } from "./portal/CollectLogs";
    const devices = ["successful", "failed", "queued"];
    createRoot(document.body).render(devices.map((id) => <div key={id} id={id}><CollectLogs deviceId={id} /></div>));`);
  const problems = [];
  /** @type {import("../readme/portal.mjs").Files} */
  const files = {
    "/": ["text/html", '<!doctype html><body></body><script type="module" src="/main.js"></script>'],
    "/main.js": ["text/javascript", code],
  };
  const page = await openPortal(await chromium(t), origin, files, {}, (page) =>
    page.on("pageerror", (error) => problems.push(String(error))),
  );
  const says = (device, text) => page.locator(`#${device} [role=status]`).filter({ hasText: text }).waitFor({ timeout: 30_000 });
  const press = (device, name) => page.locator(`#${device}`).getByRole("button", { name }).click();

  await press("successful", "Collect logs");
  await says("successful", "Done: the logs are in the Teams admin center.");
  await press("failed", "Collect logs");
  await says("failed", "Check in the Teams admin center that the device is online");
  await press("queued", "Collect logs");
  await says("queued", "The device says: Queued");
  await press("queued", "Stop waiting");
  await says("queued", "No longer waiting.");
  await press("queued", "Collect logs");
  await says("queued", "The device says: Queued");
  assert.deepEqual(
    await starts(origin),
    ["successful", "failed", "queued", "queued"].map((id) => `POST /beta/teamwork/devices/${id}/runDiagnostics`),
  );
  assert.deepEqual(problems, []);
});

test("the page goes on waiting after a reload, and stores no secret", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const code = await bundled('import "./resume/main";');
  /** @type {import("../readme/portal.mjs").Files} */
  const files = {
    "/": ["text/html", readFileSync(join(ROOT, "examples/resume/index.html"), "utf8")],
    "/main.js": ["text/javascript", code],
  };
  const page = await openPortal(await chromium(t), origin, files);
  const says = (text) => page.locator("[role=status]").filter({ hasText: text }).waitFor({ timeout: 30_000 });
  const stored = () => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));

  await page.getByLabel("Device id").fill("slow");
  await page.getByRole("button", { name: "Collect logs" }).click();
  await says("Queued");
  const [location] = Object.values(JSON.parse(await stored())[0]);
  assert.match(location, /^https:\/\/graph\.microsoft\.com\/beta\/teamwork\/devices\/slow\/operations\/[\w-]+$/);
  assert.doesNotMatch(await stored(), /token-/);
  await page.reload();
  await says("Successful: the logs are in the Teams admin center");
  assert.equal(await stored(), "[{},{}]");
  assert.equal((await starts(origin)).length, 1);
});
