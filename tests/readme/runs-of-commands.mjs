// How the examples that are commands or files are run and checked.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../../scripts/run.mjs";
import { ROOT, environment, matched } from "../../scripts/tools.mjs";
import { startSimulator } from "../simulator/simulator.mjs";
import { read } from "./documents.mjs";
import { home } from "./programs.mjs";

/** @typedef {import("./programs.mjs").Run} Run */

/** @type {Run} */
export async function theInstallation(_t, { text }) {
  const { name } = JSON.parse(readFileSync(join(ROOT, "js", "package.json"), "utf8"));
  // The folder of the tests was made with the same command and the path of the tarball.
  assert.equal(text, `npm install ${name}`);
}

/** Runs each line as a customer would, on the devices of the simulated Graph, not all of which succeed. @type {Run} */
export async function theCommandLine(t, { text }) {
  const { origin } = await startSimulator(t);
  const env = { ...environment(), GRAPH_TOKEN: "a-token" };
  const codes = [];
  for (const line of text.split("\n")) {
    const [npx, ...args] = line.replace(/ +# .*$/, "").split(" ");
    const limit = args.includes("run") ? ["--operation-timeout", "10s"] : [];
    const given = ["--no-install", ...args, "--base-url", `${origin}/beta`, ...limit];
    const { code, output } = await run(npx, given, { cwd: home.folder, env, quiet: true });
    assert.ok(output, line);
    codes.push(code);
  }
  assert.deepEqual(codes, [0, 0, 1]);
  const report = readFileSync(join(home.folder, "report.csv"), "utf8");
  assert.match(report, /^successful,successful,/m);
  assert.match(report, /^start-server-error,lost,,serviceError,/m);
}

/** Checks commands for contributors that take too long to run: their scripts exist and have the flags. @type {Run} */
export function theCommands(_t, { text }) {
  const { scripts } = JSON.parse(read("package.json"));
  for (const line of text.split("\n")) {
    const [, name, flags] = /^npm run (\S+) --((?: --[a-z]+(?: \d+)?)+)(?: +# .+)?$/.exec(line) ?? assert.fail(line);
    const [, script] = matched(/(\S+\.mjs)$/, scripts[name]);
    for (const [, flag] of flags.matchAll(/--([a-z]+)/g)) assert.match(read(script), new RegExp(`\\b${flag}: \\{ type:`), line);
  }
}

/** Runs the command unchanged, except on a free port, and ends it with the test. @type {Run} */
export async function theSimulator(t, { text }) {
  const [npx, ...args] = text.split(" ");
  const child = spawn(npx, ["--no-install", ...args, "--port", "0", "--exit-with-stdin"], {
    cwd: home.folder,
    env: environment(),
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.after(() => child.stdin.end());
  const [greeting] = await once(createInterface(child.stdout), "line");
  const [origin] = matched(/http:\S+/, greeting);
  /** @param {string} path @param {string} [token] */
  const get = (path, token = "t") => fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
  /** @type {{ value: { id: string, notes: string }[] }} */
  const { value } = await (await get("/beta/teamwork/devices?$top=50")).json();
  for (const device of ["successful", "failed", "conflict", "throttled", "lost-start"]) {
    assert.ok(value.find(({ id }) => id === device)?.notes, device);
  }
  assert.equal((await get("/beta/teamwork/devices", "expired")).status, 401);
  assert.equal((await get("/beta/teamwork/devices", "no-roles")).status, 403);
  assert.equal((await get("/beta/teamwork/devices", "read-only")).status, 200);
  assert.equal((await (await get("/simulator/requests")).json()).length, 4);
  assert.equal((await fetch(`${origin}/simulator/reset`, { method: "POST" })).status, 204);
  assert.deepEqual(await (await get("/simulator/requests")).json(), []);
  /** @param {string} path @param {string} token */
  const post = (path, token) => fetch(origin + path, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  assert.equal((await post("/beta/teamwork/devices/successful/runDiagnostics", "read-only")).status, 403);
  assert.equal((await post("/simulator/tenant?tenant=many", "t")).status, 204);
  /** @type {{ tenant: string, tenants: { about: string }[] }} */
  const { tenant, tenants } = await (await get("/simulator/tenant")).json();
  assert.ok(tenant === "many" && tenants.some(({ about }) => /^The list gets 500/.test(about)));
}

/** @type {Run} */
export async function theScenario(t, { text }) {
  const file = join(home.folder, "devices.json");
  writeFileSync(file, text);
  const { origin } = await startSimulator(t, "--devices", file);
  const { runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");
  /** @type {string[]} */
  const retries = [];
  /** @param {any} event of any type, so that absent members are undefined */
  const onProgress = ({ type, statusCode, state }) => retries.push(type === "retry" ? (statusCode ?? "lost") : (state ?? type));
  const options = { baseUrl: `${origin}/beta`, onProgress, pollInterval: 10 };
  const location = await runDiagnostics("t", "room-42", options);
  await assert.rejects(waitForOperation(location, options), { code: "operationFailed" });
  const happened = retries.join(" ");
  assert.match(happened, /^503 started \w+ 502 lost .*failed$/);
}
