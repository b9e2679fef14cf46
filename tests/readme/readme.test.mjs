// Every example of the README, of docs/ and of CONTRIBUTING.md is checked by TypeScript, and run unchanged against the simulated Graph.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { simulatorProgram } from "../../scripts/simulator.mjs";
import { ROOT, environment, matched } from "../../scripts/tools.mjs";
import { present } from "../shared/present.mjs";
import { startDiagnostics, startSimulator } from "../simulator/simulator.mjs";
import { STAND_INS, customer, runInNode, typeCheck } from "./customer.mjs";
import { WITH_EXAMPLES, read } from "./documents.mjs";
import { allExamples, examples } from "./examples.mjs";
import { chromium, openPortal } from "./portal.mjs";

const GRAPH = "https://graph.microsoft.com";
const TIMEOUT = { timeout: 120_000 };

/** The variables that the examples assume: their types, and the values in these tests. */
const TOKEN = ["token", "string", '"a-token"'];
const DEVICE = ["deviceId", "string", 'process.env.DEVICE ?? ""'];
const LOCATION = ["location", "string", 'process.env.LOCATION ?? ""'];
// Pressed a moment after Graph's first response.
const BUTTON = [
  "button",
  "HTMLButtonElement",
  "JSON.parse('{}'); Reflect.set(globalThis, 'answered', () => Reflect.apply(button.onclick ?? Object, button, []))",
];
const TENANT = ["tenantId", "string", '"a-tenant"'];
const CLIENT = ["clientId", "string", '"a-client"'];

/** How each example is run and checked. */
const RUNS = {
  install: { run: theInstallation },
  quickstart: { given: [], run: theQuickstart },
  resume: { given: [TOKEN, DEVICE], run: theResumption },
  replay: { run: theCommands },
  simulate: { run: theCommands },
  msal: { given: [TENANT, CLIENT, DEVICE], run: withMsal },
  "azure-identity": { given: [DEVICE], run: withIdentity },
  token: { given: [DEVICE], run: byHand },
  clouds: { given: [TOKEN, DEVICE], run: theCloud },
  csp: { run: thePolicy },
  devices: { given: [TOKEN], run: theDevices },
  list: { given: [TOKEN, DEVICE], run: theList },
  conflict: { given: [TOKEN, DEVICE], run: theConflict },
  errors: { given: [TOKEN, DEVICE], run: theErrors },
  late: { given: [TOKEN, DEVICE, BUTTON], run: theLatePackage },
  init: { given: [TOKEN, DEVICE], run: theServedWasm },
  progress: { given: [TOKEN, DEVICE], run: theProgress },
  abort: { given: [TOKEN, LOCATION, BUTTON], run: theAbort },
  simulation: { run: theCommands },
  simulator: { run: theSimulator },
  scenario: { run: theScenario },
  "stand-in": { given: [], run: theStandIn },
  simulated: { given: [], run: theSimulated },
};

const found = allExamples();
/** @param {string} name */
const named = (name) =>
  present(
    found.find((example) => example.name === name),
    name,
  );

let home;
before(() => {
  home = customer();
});
after(() => home?.remove());

test("every example has one name, and is run", () => {
  assert.deepEqual(
    found.map(({ name }) => name),
    Object.keys(RUNS),
  );
  const fences = WITH_EXAMPLES.flatMap((path) => read(path).split("\n")).filter((line) => /^\s*(```|~~~)/.test(line)).length;
  assert.equal(fences, found.length * 2);
  // This shows that the check works.
  assert.throws(() => examples(`${read("README.md")}\n\`\`\`js\nnew\n\`\`\`\n`, "README.md"), /README\.md has no name/);
  for (const { name, language } of found) {
    assert.equal(["js", "ts"].includes(language), RUNS[name].given !== undefined, `${name} is a program, and nothing else is`);
  }
});

test("every program compiles strictly, with the real packages' types", TIMEOUT, async () => {
  const programs = found.filter(({ name }) => RUNS[name].given !== undefined);
  const files = programs.map((example) => {
    const file = `${example.name}.m${example.language}`;
    writeFileSync(join(home.folder, file), program(example));
    return file;
  });
  const standIns = ["msal-browser.ts", "identity.ts"].map((name) => join(STAND_INS, name));
  assert.equal(await typeCheck(home.folder, [...files, ...standIns]), "");
  const mistake = `${program(named("resume"))}\nawait waitForOperation(7);\n`;
  writeFileSync(join(home.folder, "mistake.mjs"), mistake);
  assert.match(await typeCheck(home.folder, ["mistake.mjs"]), /mistake\.mjs\(\d+,\d+\): error TS2345/, "a mistake is found");
});

describe("each example runs unchanged", { concurrency: 4 }, () => {
  for (const example of found) test(example.name, TIMEOUT, (t) => RUNS[example.name].run(t, example));
});

/** An example after the declarations of the variables that it assumes. */
function program({ name, language, text }) {
  const lines = RUNS[name].given.map(([name, type, value]) =>
    language === "ts" ? `const ${name}: ${type} = ${value};` : `/** @type {${type}} */ const ${name} = ${value};`,
  );
  return [...lines, text, "export {};", ""].join("\n");
}

/**
 * Runs an example in Node with its own simulator. Resolves to what was printed, and the requests that the simulator received.
 *
 * @typedef {{ device?: string, flags?: string[], graph?: string, code?: number, prepare?: (origin: string) => Promise<{ before?: number }> }} InNode
 *
 * @param {import("node:test").TestContext} t
 * @param {{ name: string, language: string, text: string }} example
 * @param {InNode & Record<string, any>} [options] with additional environment variables
 */
async function inNode(t, example, { device = "successful", flags = [], graph = GRAPH, code = 0, prepare, ...env } = {}) {
  const { origin } = await startSimulator(t, ...flags);
  const prepared = await prepare?.(origin);
  const file = `${example.name}-${device}-${Math.random()}.mjs`;
  const settings = { DEVICE: device, GRAPH: graph, SIMULATOR: origin, ...prepared, ...env };
  const ended = await runInNode(home.folder, file, program(example), settings);
  // Only the end of the output, because for an error Node prints the whole line of a minified file.
  assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr.slice(-2_000)}`);
  const received = await (await fetch(`${origin}/simulator/requests`)).json();
  const before = prepared?.before ?? 0;
  const sent = received.slice(before).map(({ method, target, headers }) => ({ line: `${method} ${target}`, token: headers.authorization }));
  return { ...ended, printed: ended.stdout.split("\n"), sent, posts: sent.filter(({ line }) => line.startsWith("POST")) };
}

/** Starts a run before the example; the location is at the real Graph. */
const started = (device) => async (origin) => {
  const location = await startDiagnostics(origin, device);
  return { LOCATION: GRAPH + location.slice(origin.length), before: 1 };
};

async function theInstallation(_t, { text }) {
  const { name } = JSON.parse(readFileSync(join(ROOT, "js", "package.json"), "utf8"));
  // The folder of the tests was made with the same command and the path of the tarball.
  assert.equal(text, `npm install ${name}`);
}

async function theQuickstart(t, example) {
  const { printed, sent } = await inNode(t, example, { DEVICE_ID: "successful", GRAPH_TOKEN: "a-token" });
  assert.deepEqual(printed, ["Successful - download the logs in the Teams admin center"]);
  assert.equal(sent[0].line, "POST /beta/teamwork/devices/successful/runDiagnostics");
  assert.ok(sent.every(({ token }) => token === "Bearer a-token"));
  const { stderr } = await inNode(t, example, { DEVICE_ID: "withdrawn", GRAPH_TOKEN: "a-token" });
  assert.match(stderr, /^notFound Graph responded with 410.* Check the id/);
}

async function withMsal(t, example) {
  const { printed, sent } = await inNode(t, example, { device: "claims-challenge" });
  const scope = `${GRAPH}/.default`;
  assert.deepEqual(printed.slice(0, 5), [
    "msal https://login.microsoftonline.com/a-tenant CP1",
    "msal login",
    "msal popup",
    `msal ${scope}`,
    `msal ${scope} {"access_token":{"nbf":{"essential":true,"value":"1750000000"}}}`,
  ]);
  assert.equal(printed.at(-1), "Successful");
  assert.deepEqual(
    sent.slice(0, 2).map(({ token }) => token),
    ["Bearer token-1", "Bearer token-2"],
  );

  // Twenty calls at the same time, by a user whose session has ended, open one window.
  const [once, call] = [/^const operation = [^]*/m, "(await runDiagnostics(token, deviceId).catch(({ code }) => code)).length"];
  const text = example.text.replace(once, `console.log(await Promise.all(Array.from({ length: 20 }, async () => ${call})));`);
  assert.notEqual(text, example.text);
  const many = await inNode(t, { ...example, text });
  assert.equal(many.posts.length, 20);
  assert.equal(many.printed.filter((line) => line === "msal popup").length, 1, many.stdout);
}

async function withIdentity(t, example) {
  const { printed, sent } = await inNode(t, example);
  assert.deepEqual(printed, [`credential ${GRAPH}/.default true`, "Successful"]);
  assert.ok(sent.length > 1 && sent.every(({ token }) => token === "Bearer credential-token"));
}

async function byHand(t, example) {
  const { printed, sent } = await inNode(t, example, { GRAPH_TOKEN: "by-hand" });
  assert.deepEqual(printed, ["Successful"]);
  assert.equal(sent[0].token, "Bearer by-hand");
}

async function theErrors(t, example) {
  const failed = await inNode(t, example, { device: "failed" });
  assert.match(failed.stderr, /^Failed on the device: \S/m);
  assert.match(failed.stderr, /^\{.*"code":"operationFailed".*\}$/m);
  const [forbidden, lost] = await Promise.all([
    inNode(t, example, { device: "poll-forbidden" }),
    inNode(t, example, { device: "start-server-error" }),
  ]);
  assert.match(forbidden.stderr, /^To resume: https:\/\/graph\.microsoft\.com\/beta\/teamwork\/devices\/poll-forbidden\/operations\/\S+$/m);
  assert.match(lost.stderr, /^A run may be under way/m);
  for (const { stderr } of [failed, forbidden, lost]) assert.doesNotMatch(stderr, /a-token/);
}

async function theProgress(t, example) {
  // Slow enough that the operation is still running at the second poll, also on a busy machine.
  const scenario = join(home.folder, "slow.json");
  const busy = { response: { status: 429, retryAfter: "1" } };
  writeFileSync(scenario, JSON.stringify([{ id: "slow", scenario: { paceMs: 500, postFaults: [busy], pollFaults: [null, busy] } }]));
  const { printed, posts } = await inNode(t, example, { device: "slow", flags: ["--scenario", scenario] });
  assert.equal(printed.filter((line) => line === "Graph is busy: again in 1000 ms").length, 2);
  assert.equal(printed.at(-1), "Successful next poll in 0 ms");
  assert.equal(posts.length, 2);
}

async function theAbort(t, example) {
  const { stderr, sent } = await inNode(t, example, { device: "queued", prepare: started("queued"), code: 1 });
  assert.match(stderr, /AbortError/);
  assert.equal(sent.length, 1);
}

async function theResumption(t, example) {
  const fresh = await inNode(t, example);
  assert.match(fresh.printed[0], /^stored https:\/\/graph\.microsoft\.com\/beta\/\S+$/);
  assert.deepEqual(fresh.printed.slice(1), ["removed diagnostics", "Successful"]);
  const prepare = async (origin) => {
    const { LOCATION, before } = await started("successful")(origin);
    return { STORED: LOCATION, before };
  };
  const resumed = await inNode(t, example, { prepare });
  assert.deepEqual([resumed.posts.length, resumed.printed.at(-1)], [0, "Successful"]);
}

async function theList(t, example) {
  const { printed } = await inNode(t, example, { device: "conflict" });
  assert.match(printed.join("\n"), /^deviceDiagnostics Queued \S.*$/);
}

async function theDevices(t, example) {
  const { printed, sent } = await inNode(t, example);
  assert.ok(
    printed.some((line) => /^queued \w+ offline \S/.test(line)),
    printed.join("\n"),
  );
  assert.ok(printed.length > 20, "all pages");
  assert.match(sent[0].line, /^GET \/beta\/teamwork\/devices\?/);
}

async function theConflict(t, example) {
  const scenario = join(home.folder, "busy.json");
  writeFileSync(scenario, JSON.stringify([{ id: "busy", scenario: { paceMs: 1_500 } }]));
  const { printed, posts } = await inNode(t, example, { device: "busy", prepare: started("busy"), flags: ["--scenario", scenario] });
  assert.deepEqual([printed.join(), posts.length], ["Successful", 1]);
}

async function theCloud(t, example) {
  const { printed } = await inNode(t, example, { graph: "https://graph.microsoft.us" });
  assert.deepEqual(printed, ["Successful"]);
}

/** Makes both calls on a page with exactly this policy. */
async function thePolicy(t, { text: policy }) {
  const [, name, value] = matched(/^([^:]+): (.*)$/, policy);
  const [run, failing] = [await onPages(t, named("conflict")), await onPages(t, named("errors"))];
  const onPage = (value) => run({ [name]: value });
  assert.equal(await onPage(value), "Successful");
  assert.match(await onPage(value.replace(GRAPH, "'none'")), /Content Security Policy/, "nothing in it is too much");
  // The hint names the directive.
  assert.match(
    await failing({ [name]: value.replace("'wasm-unsafe-eval'", "") }),
    /not allowed here Add 'wasm-unsafe-eval'|Content Security Policy/,
  );
}

async function theServedWasm(t, example) {
  const onPage = await onPages(t, example);
  assert.equal(await onPage(), "Successful");
}

async function theLatePackage(t, example) {
  const { origin } = await startSimulator(t);
  for (const [device, said] of /** @type {[string, RegExp][]} */ ([
    ["successful", /^Successful$/],
    ["withdrawn", /^Graph responded with 410/],
  ])) {
    const given = `const button = document.body.appendChild(document.createElement("button"));`;
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
 * @returns {import("./portal.mjs").Files}
 */
function pageFiles(text, device = "successful", given = "") {
  const code = text.replaceAll(/"teams-device-diagnostics(?:\/(init|errors))?"/g, (_, entry = "index") => `"/${entry}.js"`);
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

/** Runs an example on pages with the given header fields; resolves to its first message. Requests for Graph go to the simulator. */
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

async function theStandIn(t, example) {
  const { printed, sent } = await inNode(t, example);
  assert.deepEqual([printed, sent], [["successful"], []]);
}

/** Checks commands for contributors that take too long to run: their scripts exist and have the flags. */
function theCommands(_t, { text }) {
  const { scripts } = JSON.parse(read("package.json"));
  for (const line of text.split("\n")) {
    const [, name, flag] = /^npm run (\S+) -- --([a-z]+)(?: \d+)?(?: +# .+)?$/.exec(line) ?? assert.fail(line);
    const [, script] = matched(/(\S+\.mjs)$/, scripts[name]);
    assert.match(read(script), new RegExp(`\\b${flag}: \\{ type:`), line);
  }
}

/** Runs the command unchanged, except on a free port, and ends it with the test. */
async function theSimulator(t, { text }) {
  const [program, ...args] = text.split(" ");
  const child = spawn(program, [...args, "--port", "0", "--exit-with-stdin"], {
    cwd: ROOT,
    env: environment(),
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.after(() => child.stdin.end());
  const [greeting] = await once(createInterface(child.stdout), "line");
  const [origin] = matched(/http:\S+/, greeting);
  const get = (path, token = "t") => fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
  const { value } = await (await get("/beta/teamwork/devices?$top=50")).json();
  for (const device of ["successful", "failed", "conflict", "throttled", "lost-start"]) {
    const { notes } = value.find(({ id }) => id === device);
    assert.ok(notes, device);
  }
  assert.equal((await get("/beta/teamwork/devices", "expired")).status, 401);
  assert.equal((await get("/beta/teamwork/devices", "no-roles")).status, 403);
  assert.equal((await get("/beta/teamwork/devices", "read-only")).status, 200);
  assert.equal((await (await get("/simulator/requests")).json()).length, 4);
  assert.equal((await fetch(`${origin}/simulator/reset`, { method: "POST" })).status, 204);
  assert.deepEqual(await (await get("/simulator/requests")).json(), []);
  const post = (path, token) => fetch(origin + path, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  assert.equal((await post("/beta/teamwork/devices/successful/runDiagnostics", "read-only")).status, 403);
  assert.equal((await post("/simulator/tenant?scenario=many", "t")).status, 204);
  const { scenario, scenarios } = await (await get("/simulator/tenant")).json();
  assert.ok(scenario === "many" && scenarios.some(({ about }) => /^The list gets 500/.test(about)));
}

async function theSimulated(t, example) {
  const { origin } = await startSimulator(t);
  const address = "http://127.0.0.1:8787";
  assert.ok(example.text.includes(`"${address}/beta"`) && read("docs/simulator.md").includes(`\`${address}/beta\``));
  const usage = execFileSync(simulatorProgram(), ["--help"], { encoding: "utf8" });
  assert.match(usage, /--port <PORT>\s[^[]*\[default: 8787\]/);
  const { stdout } = await runInNode(home.folder, "simulated.run.mjs", example.text.replace(address, origin), {
    GRAPH: origin,
    SIMULATOR: origin,
  });
  assert.equal(stdout, "Successful");
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  assert.equal(requests[0].target, "/beta/teamwork/devices/throttled/runDiagnostics");
}

async function theScenario(t, { text }) {
  const file = join(home.folder, "devices.json");
  writeFileSync(file, text);
  const { origin } = await startSimulator(t, "--scenario", file);
  const { runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");
  const retries = [];
  /** @param {any} event of any type, so that absent members are undefined */
  const onProgress = ({ type, statusCode, state }) => retries.push(type === "retry" ? (statusCode ?? "lost") : (state ?? type));
  const options = { baseUrl: `${origin}/beta`, onProgress, pollInterval: 10 };
  const location = await runDiagnostics("t", "room-42", options);
  await assert.rejects(waitForOperation(location, options), { code: "operationFailed" });
  const happened = retries.join(" ");
  assert.match(happened, /^503 started \w+ 502 lost .*failed$/);
}
