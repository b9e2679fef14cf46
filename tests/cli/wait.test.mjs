// wait: follows runs by their locations; and a whole tenant, whose many waits leave no warning of Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startDiagnostics, startSimulator, waitFor } from "../simulator/simulator.mjs";
import { parse } from "csv-parse/sync";
import { commandFolder, objects, run, start, until } from "./command.mjs";
import { inTerminal } from "./terminal.mjs";

const TIMEOUT = { timeout: 120_000 };

test("wait follows each location to its end, from arguments, paths and standard input", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const flags = ["--base-url", `${origin}/beta`, "--poll-interval", "50ms"];
  const [good, failed, cancelled] = await Promise.all(
    ["successful", "failed", "cancelled"].map((device) => startDiagnostics(origin, device)),
  );
  const path = new URL(good).pathname.replace("/beta", "");
  const { code, stdout, stderr } = await run(command, ["wait", good, failed, cancelled, "--report", "r.csv", ...flags]);
  assert.equal(code, 1, stderr);
  assert.match(stdout, /✓ successful successful\n/);
  assert.match(stdout, /✗ failed failed: The operation failed/);
  assert.match(stdout, /✗ cancelled cancelled/);
  assert.match(stdout, /^3 runs: /m);
  /** @type {Record<string, string>[]} */
  const rows = parse(command.read("r.csv"), { bom: true, columns: true });
  const outcomes = rows.map((row) => [row["Device Id"], row.Outcome, row.Location]);
  assert.deepEqual(outcomes.sort(), [
    ["cancelled", "cancelled", cancelled],
    ["failed", "failed", failed],
    ["successful", "successful", good],
  ]);
  const again = await run(command, ["wait", path, "-", "--json", ...flags], { input: `${good}\n\n${good}\n` });
  assert.equal(again.code, 0, again.stderr);
  const results = objects(again.stdout).filter(({ type }) => type === "result");
  assert.deepEqual(
    results.map(({ location, outcome }) => [location, outcome]).sort(),
    [[good, "successful"]].sort(),
    "one location in two spellings is followed once",
  );
});

test("what is no location of the service is refused by name before anything is sent", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const good = `${origin}/beta/teamwork/devices/a/operations/b`;
  for (const [text, hint] of /** @type {[string, RegExp][]} */ ([
    ["https://graph.microsoft.us/beta/teamwork/devices/a/operations/b", /--cloud or --base-url/],
    ["hello", /such as https:\/\/graph/],
    ["rooms.csv", /such as https:\/\/graph/],
    [`${origin}/beta`, /such as https:\/\/graph/],
    ["/teamwork/devices/a/operations/", /such as https:\/\/graph/],
    ["https://[", /such as https:\/\/graph/],
  ])) {
    const { code, stdout, stderr } = await run(command, ["wait", good, text, "--base-url", `${origin}/beta`]);
    assert.equal(code, 2, stderr);
    assert.ok(stderr.startsWith(`error: wait: "${text}" is no location of ${origin}/beta\n`), stderr);
    assert.match(stderr, hint);
    assert.equal(stdout, "");
  }
  assert.deepEqual(await (await fetch(`${origin}/simulator/requests`)).json(), []);
});

test("all locations are followed as one fleet, within its rate, also several of one device", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const devices = [
    ...Array.from({ length: 100 }, (_, at) => ({ id: `room-${at}`, scenario: { stuck: true, paceMs: 600_000 } })),
    { id: "twice", scenario: { paceMs: 10 } },
  ].map(({ id, scenario: { paceMs } }) => ({ id, scenario: { paceMs } }));
  const { origin } = await startSimulator(t, "--devices", command.write("d.json", JSON.stringify(devices)));
  const locations = [];
  for (const { id } of devices) locations.push(await startDiagnostics(origin, id));
  await waitFor(locations.at(-1) ?? "", "Successful", "succeeded", "Succeeded", "Completed", "completed", "successful");
  locations.push(await startDiagnostics(origin, "twice"));
  await fetch(`${origin}/simulator/requests`, { method: "DELETE" }).catch(() => {});
  const count = async () => (await (await fetch(`${origin}/simulator/requests`)).json()).length;
  const before = await count();
  const flags = ["--base-url", `${origin}/beta`, "--json", "--max-requests-per-second", "20", "--poll-interval", "100ms"];
  const waiting = start(command, ["wait", ...locations, ...flags]);
  await until(
    () => waiting.result.stdout.split('"twice","outcome":"successful"').length === 3,
    () => waiting.result.stderr + waiting.result.stdout.slice(-2_000),
  );
  const [sent, began] = [await count(), Date.now()];
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const rate = ((await count()) - sent) / ((Date.now() - began) / 1_000);
  assert.ok(rate < 25, `${rate} requests in a second`);
  assert.ok(sent - before < 1_000);
  waiting.child.kill("SIGINT");
  const { code, stderr } = await waiting.ended;
  assert.equal(code, 130);
  assert.match(stderr, /Stopping: the runs continue on their devices\. Press Ctrl-C again to end at once\.\nTo go on waiting:\n/);
  assert.equal(stderr.split("To go on waiting").length, 2, "it is said once");
});

test("wait has the same live lines as run", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const locations = await Promise.all(["queued", "successful"].map((device) => startDiagnostics(origin, device)));
  const { shows, ended, pressCtrlC } = await inTerminal(command, ["wait", ...locations, "--base-url", `${origin}/beta`], { columns: 120 });
  await shows(/^✓ successful successful\n• queued {2}Queued {2}\d s\n█{12}░{12} 1 of 2 {2}1 running\n$/);
  pressCtrlC();
  assert.equal(await ended, 130);
});

test("a tenant of 500 devices: every device has its result, and Node warns of nothing", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  await fetch(`${origin}/simulator/tenant?tenant=many`, { method: "POST" });
  const flags = ["--max-requests-per-second", "1000", "--concurrency", "100", "--poll-interval", "200ms", "--operation-timeout", "3s"];
  const { stdout, stderr } = await run(command, ["run", "--all", "--json", "--state", "s.state", "--base-url", `${origin}/beta`, ...flags]);
  assert.equal(stderr.replace(/^(With|To go on) [^]*/m, ""), "");
  const results = objects(stdout).filter(({ type }) => type === "result");
  assert.equal(new Set(results.map(({ deviceId }) => deviceId)).size, 500);
  assert.equal(results.length, 500);
  const records = objects(command.read("s.state")).slice(1);
  assert.equal(new Set(records.map(({ deviceId }) => deviceId)).size, 500);
});
