// How each example that is a program for Node is run and checked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/tools.mjs";
import { startSimulator } from "../simulator/simulator.mjs";
import { runInNode } from "./customer.mjs";
import { read } from "./documents.mjs";
import { GRAPH, home, inNode, started } from "./programs.mjs";

/** @typedef {import("./programs.mjs").Run} Run */

/** @type {Run} */
export async function theQuickstart(t, example) {
  const { printed, sent } = await inNode(t, example, { DEVICE_ID: "successful", GRAPH_TOKEN: "a-token" });
  assert.deepEqual(printed, ["Successful - download the logs in the Teams admin center"]);
  assert.equal(sent[0].line, "POST /beta/teamwork/devices/successful/runDiagnostics");
  assert.ok(sent.every(({ token }) => token === "Bearer a-token"));
  const { stderr } = await inNode(t, example, { DEVICE_ID: "withdrawn", GRAPH_TOKEN: "a-token" });
  assert.match(stderr, /^notFound Graph responded with 410.* Check the id/);
}

/** @type {Run} */
export async function theFleet(t, example) {
  const { printed, posts } = await inNode(t, example);
  assert.deepEqual([printed, posts.length], [["successful successful"], 1]);
  const failed = await inNode(t, example, { device: "failed" });
  assert.deepEqual(failed.printed, ["failed failed"]);
  assert.match(failed.stderr, /^The operation failed: .* Check in the Teams admin center/);
}

/** @type {Run} */
export async function withMsal(t, example) {
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

/** @type {Run} */
export async function withIdentity(t, example) {
  const { printed, sent } = await inNode(t, example);
  assert.deepEqual(printed, [`credential ${GRAPH}/.default true`, "Successful"]);
  assert.ok(sent.length > 1 && sent.every(({ token }) => token === "Bearer credential-token"));
}

/** @type {Run} */
export async function byHand(t, example) {
  const { printed, sent } = await inNode(t, example, { GRAPH_TOKEN: "by-hand" });
  assert.deepEqual(printed, ["Successful"]);
  assert.equal(sent[0].token, "Bearer by-hand");
}

/** @type {Run} */
export async function theErrors(t, example) {
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

/** @type {Run} */
export async function theProgress(t, example) {
  // Slow enough that the operation is still running at the second poll, also on a busy machine.
  const devicesFile = join(home.folder, "slow.json");
  const busy = { response: { status: 429, retryAfter: "1" } };
  writeFileSync(devicesFile, JSON.stringify([{ id: "slow", scenario: { paceMs: 500, postFaults: [busy], pollFaults: [null, busy] } }]));
  const { printed, posts } = await inNode(t, example, { device: "slow", flags: ["--devices", devicesFile] });
  assert.equal(printed.filter((line) => line === "Graph is busy: retry in 1000 ms").length, 2);
  assert.equal(printed.at(-1), "Successful next poll in 0 ms");
  assert.equal(posts.length, 2);
}

/** @type {Run} */
export async function theAbort(t, example) {
  const { stderr, sent } = await inNode(t, example, { device: "queued", prepare: started("queued"), code: 1 });
  assert.match(stderr, /AbortError/);
  assert.equal(sent.length, 1);
}

/** @type {Run} */
export async function theResumption(t, example) {
  const fresh = await inNode(t, example);
  assert.match(fresh.printed[0], /^stored https:\/\/graph\.microsoft\.com\/beta\/\S+$/);
  assert.deepEqual(fresh.printed.slice(1), ["removed diagnostics", "Successful"]);
  /** @param {string} origin */
  const prepare = async (origin) => {
    const { LOCATION, before } = await started("successful")(origin);
    return { STORED: LOCATION, before };
  };
  const resumed = await inNode(t, example, { prepare });
  assert.deepEqual([resumed.posts.length, resumed.printed.at(-1)], [0, "Successful"]);
}

/** @type {Run} */
export async function theList(t, example) {
  const { printed } = await inNode(t, example, { device: "conflict" });
  assert.match(printed.join("\n"), /^deviceDiagnostics Queued \S.*$/);
}

/** @type {Run} */
export async function theDevices(t, example) {
  const { printed, sent } = await inNode(t, example);
  assert.ok(
    printed.some((line) => /^queued \w+ offline \S/.test(line)),
    printed.join("\n"),
  );
  assert.ok(printed.length > 20, "all pages");
  assert.match(sent[0].line, /^GET \/beta\/teamwork\/devices\?/);
}

/** @type {Run} */
export async function theConflict(t, example) {
  const devicesFile = join(home.folder, "busy.json");
  writeFileSync(devicesFile, JSON.stringify([{ id: "busy", scenario: { paceMs: 1_500 } }]));
  const { printed, posts } = await inNode(t, example, { device: "busy", prepare: started("busy"), flags: ["--devices", devicesFile] });
  assert.deepEqual([printed.join(), posts.length], ["Successful", 1]);
}

/** @type {Run} */
export async function theCloud(t, example) {
  const { printed } = await inNode(t, example, { graph: "https://graph.microsoft.us" });
  assert.deepEqual(printed, ["Successful"]);
}

/** @type {Run} */
export async function theCodeUnderTest(t, example) {
  const text = `${example.text}\nconsole.log(await diagnose("a-token", "successful"));`;
  const { printed, sent } = await inNode(t, { ...example, text });
  assert.deepEqual([printed, sent[0].token], [["Successful"], "Bearer a-token"]);
}

/** @type {Run} */
export async function theFaults(t, example) {
  const { printed, sent } = await inNode(t, example);
  assert.deepEqual([printed, sent], [["operationFailed", "2 Failed"], []]);
}

/** @type {Run} */
export async function theSimulated(t, example) {
  const { origin } = await startSimulator(t);
  const address = "http://127.0.0.1:8787";
  assert.ok(example.text.includes(`"${address}/beta"`) && read("docs/simulator.md").includes(`\`${address}/beta\``));
  const usage = execFileSync(process.execPath, [join(ROOT, "pkg", "dist", "cli.js"), "help", "simulate"], { encoding: "utf8" });
  assert.match(usage, /--port <number>\s[^(]*\(default: 8787\)/);
  const { stdout } = await runInNode(home.folder, "simulated.run.mjs", example.text.replace(address, origin), {
    GRAPH: origin,
    SIMULATOR: origin,
  });
  assert.equal(stdout, "Successful");
  const requests = await (await fetch(`${origin}/simulator/requests`)).json();
  assert.equal(requests[0].target, "/beta/teamwork/devices/throttled/runDiagnostics");
}
