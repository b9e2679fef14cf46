// wait: follows runs by their locations; and a whole tenant, whose many waits leave no warning of Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startDiagnostics, startSimulator } from "../simulator/simulator.mjs";
import { parse } from "csv-parse/sync";
import { commandFolder, objects, run } from "./command.mjs";
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
    [
      [path, "successful"],
      [good, "successful"],
    ].sort(),
  );
});

test("wait sends nothing to another host, and says how to name the cloud", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const { code, stdout } = await run(command, [
    "wait",
    "https://graph.microsoft.us/beta/teamwork/devices/a/operations/b",
    "--base-url",
    `${origin}/beta`,
  ]);
  assert.equal(code, 1);
  assert.match(stdout, /untrustedLocation: .*--cloud or --base-url/);
  assert.deepEqual(await (await fetch(`${origin}/simulator/requests`)).json(), []);
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
