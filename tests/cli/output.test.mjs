// What the command prints: for a person, for a log, for another program, in the report, and when nobody reads.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "csv-parse/sync";
import { wasRefusedAccess } from "../../js/cli/commands/run.js";
import { PHRASES, inOwnWords } from "../../js/cli/hint.js";
import { exitCodeOf } from "../../js/cli/outcome.js";
import { idsFromCsv } from "../../js/cli/device-ids.js";
import { ROOT } from "../../scripts/tools.mjs";
import { startSimulator } from "../simulator/simulator.mjs";
import { commandFolder, environment, objects, run, start, until } from "./command.mjs";

const TIMEOUT = { timeout: 90_000 };
const ESC = "\u001B";
/** Anything that a terminal could take as more than text. */
const CONTROLS = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u;
const time = "2026-01-01T00:00:00.000Z";

const result = (deviceId, outcome, more = {}) => ({ deviceId, outcome, endedAt: time, attempts: 2, ...more });

test("the exit code says whether all devices succeeded, some did not, or there was no access", TIMEOUT, async (t) => {
  const error = (code) => ({ error: { name: "DiagnosticsError", code, message: "m", hint: "h" } });
  const cases = [
    [[result("a", "successful"), result("b", "successful")], 0],
    [[result("a", "successful"), result("b", "failed", error("operationFailed"))], 1],
    [[result("a", "stillRunning", error("operationTimeout"))], 1],
    [[result("a", "lost", error("network"))], 1],
    [[result("a", "refused", error("forbidden")), result("b", "notStarted", error("unauthorized"))], 3],
    [[result("a", "successful"), result("b", "stillRunning", error("unauthorized"))], 3],
    [[result("a", "successful"), result("b", "refused", error("forbidden"))], 1],
    [[result("a", "refused", error("forbidden")), result("b", "failed", error("operationFailed"))], 1],
  ];
  for (const [results, code] of /** @type {[any[], number][]} */ (cases)) {
    const command = commandFolder(t, { script: results.map((each) => ({ result: each })) });
    const ended = await run(command, ["run", "a", "b"]);
    assert.equal(ended.code, code, JSON.stringify(results));
    assert.match(ended.stdout, new RegExp(`^${results.length} devices?: `, "m"));
  }
});

test("access that is missing has its exit code whatever the outcome, and only what was not started begins anew", () => {
  const forbidden = { code: "forbidden", statusCode: 403 };
  const results = (/** @type {any[]} */ ...all) => exitCodeOf(all.map(([outcome, error]) => ({ outcome, error })));
  for (const outcome of ["refused", "lost", "notStarted", "stillRunning"]) {
    for (const error of [forbidden, { code: "forbidden" }, { code: "unauthorized" }, { code: "serviceError", statusCode: 403 }])
      assert.equal(results([outcome, error]), 3, `${outcome} ${JSON.stringify(error)}`);
    assert.equal(results([outcome, { code: "network" }]), 1);
    assert.equal(results([outcome, undefined]), 1);
    assert.equal(results(["successful"], [outcome, forbidden]), 1, "one device may lack a licence");
    assert.equal(results(["successful"], [outcome, { code: "unauthorized" }]), 3);
    assert.equal(results([outcome, forbidden], ["lost", { code: "network" }]), 1);
    for (const error of /** @type {any[]} */ ([
      { code: "forbidden", message: "m" },
      { code: "unauthorized", message: "m" },
    ]))
      assert.equal(wasRefusedAccess({ outcome: /** @type {any} */ (outcome), error }), outcome === "refused", outcome);
  }
  assert.equal(wasRefusedAccess({ outcome: "refused", error: { code: "notFound", message: "m" } }), false);
  assert.equal(wasRefusedAccess({}), false, "a start that was under way");
});

test("a device that is lost for want of access is named with the permission, and the same command goes on", TIMEOUT, async (t) => {
  const error = { name: "DiagnosticsError", code: "forbidden", statusCode: 403, message: "Graph refused it", hint: "Grant it." };
  const command = commandFolder(t, { script: [{ result: result("a", "lost", { error }) }] });
  const { code, stdout, stderr } = await run(command, ["run", "a", "--state", "s.state"]);
  assert.equal(code, 3);
  assert.match(stdout, /a lost: Graph refused it\n1 device: 1 lost\n {2}forbidden: Grant it\.\n$/);
  assert.match(stderr, /^To go on where this ended, run the same command again:\n/);
});

test("with --json standard output holds events and results, and nothing else", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const { code, stdout } = await run(command, [
    "run",
    "successful",
    "failed",
    "withdrawn",
    "--json",
    "--report",
    "r.json",
    "--base-url",
    `${origin}/beta`,
  ]);
  assert.equal(code, 1);
  const printed = objects(stdout);
  const results = printed.filter(({ type }) => type === "result");
  assert.deepEqual(Object.fromEntries(results.map(({ deviceId, outcome }) => [deviceId, outcome])), {
    successful: "successful",
    failed: "failed",
    withdrawn: "refused",
  });
  for (const type of ["started", "status", "fleet"])
    assert.ok(
      printed.some((event) => event.type === type),
      type,
    );
  assert.equal(results.find(({ deviceId }) => deviceId === "withdrawn").error.code, "notFound");
  assert.deepEqual(
    JSON.parse(command.read("r.json")),
    results.map(({ type, ...rest }) => rest),
    "the report has the same results",
  );
});

test("without a terminal there is one line an event and result, a summary, and what to do about each error", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const devices = [{ id: "room", scenario: { paceMs: 500 } }];
  const { origin } = await startSimulator(t, "--devices", command.write("d.json", JSON.stringify(devices)));
  const flags = ["--poll-interval", "100ms", "--base-url", `${origin}/beta`];
  const { stdout } = await run(command, ["run", "room", "conflict", "throttled", ...flags]);
  const found = stdout.trimEnd().split("\n");
  const texts = found.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /, ""));
  for (const text of ["room started", "room Queued", "throttled Graph limits requests: retry 1 in 1 s (429)"])
    assert.ok(texts.includes(text), `${text}\n${stdout}`);
  assert.equal(texts.filter((text) => text === "room Queued").length, 1, "a poll without news is no line");
  assert.ok(
    texts.some((text) => /^✓ room successful after \d+ s$/.test(text)),
    stdout,
  );
  assert.ok(
    texts.some((text) => /^✗ conflict conflict: .*409/.test(text)),
    stdout,
  );
  assert.match(stdout, /^3 devices: /m);
  assert.match(stdout, /^ {2}conflict: .*--on-conflict attach/m);
});

test("the hints that are written anew for the command are those of the library", () => {
  const hints = readFileSync(join(ROOT, "src", "protocol", "hint.rs"), "utf8").replaceAll('\\"', '"');
  for (const [phrase] of PHRASES) assert.ok(hints.includes(phrase), phrase);
});

test("messages name the options of the command, not those of the library", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const { stdout } = await run(command, [
    "run",
    "queued",
    "--operation-timeout",
    "1s",
    "--report",
    "r.csv",
    "--base-url",
    `${origin}/beta`,
  ]);
  assert.match(stdout, /queued still running: .* --operation-timeout/);
  assert.doesNotMatch(stdout + command.read("r.csv"), /options\./);
  assert.equal(inOwnWords("longer than options.patience, options.onState"), "longer than --patience, options.onState");
});

test("a CSV report is read by spreadsheets as text, and by --csv", TIMEOUT, async (t) => {
  const evil = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "＝1"];
  const error = {
    name: "DiagnosticsError",
    code: "serviceError",
    message: "=cmd|' /C calc'!A0",
    hint: 'a "quoted", hint',
    requestId: "\tx",
  };
  const script = [
    ...evil.map((deviceId) => ({ result: result(deviceId, "failed", { error }) })),
    {
      result: result("zoë", "successful", {
        operation: { state: "successful", status: "Successful" },
        location: "https://x/1",
        startedAt: time,
      }),
    },
  ];
  const command = commandFolder(t, { script });
  await run(command, ["run", "a", "--report", "r.csv"]);
  const text = command.read("r.csv");
  assert.ok(text.startsWith("\uFEFFDevice Id,Outcome,Status,"));
  assert.ok(text.endsWith("\r\n"));
  const rows = parse(text, { bom: true });
  assert.equal(rows.length, 1 + evil.length + 1);
  for (const row of rows) for (const cell of row) assert.doesNotMatch(cell, /^[=+\-@\t\r＝]/);
  assert.deepEqual(rows[1].slice(0, 6), [
    '\'=HYPERLINK("http://x")',
    "failed",
    "",
    "serviceError",
    "'=cmd|' /C calc'!A0",
    'a "quoted", hint',
  ]);
  assert.equal(idsFromCsv(text, "r.csv").at(-1), "zoë");
  assert.deepEqual(
    readdirSync(command.folder).filter((name) => name.startsWith("r.csv")),
    ["r.csv"],
    "no draft is left",
  );
});

test("a report that cannot be written is an error, and the results are printed all the same", TIMEOUT, async (t) => {
  const command = commandFolder(t, {
    script: [{ result: result("a", "successful") }, { afterMs: 1_000, result: result("b", "successful") }],
  });
  mkdirSync(command.file("out"));
  const running = start(command, ["run", "a", "--report", "out/r.csv"]);
  await until(() => running.result.stdout.includes("a successful"));
  rmSync(command.file("out"), { recursive: true });
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(stdout, /✓ b successful/);
  assert.match(stderr, /--report out\/r\.csv: the report cannot be written/);
});

test("nothing that Graph, a file or an argument says reaches the terminal as a control character", TIMEOUT, async (t) => {
  const attack = `${ESC}[2J${ESC}]0;title\u0007${ESC}]52;c;ZXZpbA==\u0007\u009B31m\u202Egnp.exe\r\u0000\u007F\u2066`;
  const error = { name: "DiagnosticsError", code: "conflict", message: `m${attack}`, hint: `h${attack}` };
  const deviceId = `room${attack}`;
  const script = [
    { event: { type: "status", deviceId, location: "x", state: "unknown", status: `s${attack}` } },
    { event: { type: "paused", reason: "unauthorized", error } },
    { result: result(deviceId, "conflict", { error }) },
  ];
  const command = commandFolder(t, { script });
  command.write("evil.csv", `Na${attack}me\nx\n`);
  for (const args of [
    ["run", "a"],
    ["run", "a", "--json"],
    ["run", "--csv", "evil.csv"],
    ["run", "--csv", `no${attack.replaceAll("\u0000", "")}.csv`],
    [`x${attack.replaceAll("\u0000", "")}`],
  ]) {
    const { stdout, stderr } = await run(command, args);
    assert.ok((stdout + stderr).length > 40);
    assert.doesNotMatch(stdout, CONTROLS);
    assert.doesNotMatch(stderr, CONTROLS);
  }
  const { stdout } = await run(command, ["run", "a", "--json"]);
  assert.equal(objects(stdout).find(({ type }) => type === "result").deviceId, deviceId, "programs get the value as it is");
});

test("the markup of a hostile tenant is only text", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const devices = [{ id: "room", notes: `${ESC}[31mred\nsecond line\ttab`, currentUser: `${ESC}]0;x\u0007`, scenario: {} }];
  const { origin } = await startSimulator(t, "--devices", command.write("d.json", JSON.stringify(devices)));
  const { stdout } = await run(command, ["devices", "--base-url", `${origin}/beta`]);
  const row = stdout.split("\n").find((line) => line.startsWith("room\t")) ?? "";
  assert.match(row, /\uFFFD\[31mred second line tab/);
  assert.equal(row.split("\t").length, 7);
});

test("a defect that nothing catches is reported by its message and its frames, and leaves no lock", TIMEOUT, async (t) => {
  const command = commandFolder(t, { script: [{ defect: `it ${ESC}[31mbroke` }, { hang: true }] });
  const { code, stderr } = await run(command, ["run", "a", "--state", "s.state"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: A defect of this command ended it\. Report it, with the lines below\.\nTypeError: it \uFFFD\[31mbroke\n +at fail /,
  );
  for (const line of stderr.split("\n").slice(2)) assert.match(line, /^ +at |^$/);
  assert.ok(!existsSync(command.file("s.state.lock")));
});

test("a defect during a fleet ends it, and its locations and its report are not lost", TIMEOUT, async (t) => {
  const location = "https://x/operations/a";
  const before = [{ event: { type: "started", deviceId: "a", location } }, { result: result("b", "successful") }, { defect: "it broke" }];
  const aborted = result("a", "aborted", { location });
  for (const [name, after, outcomes] of /** @type {[string, import("./stand-in-fleet.mjs").Step[], string[]][]} */ ([
    ["a fleet that ends", [{ untilAborted: true }, { result: aborted }], ["successful", "aborted"]],
    ["a fleet that does not end", [{ hang: true }], ["successful"]],
  ])) {
    const command = commandFolder(t, { script: [...before, ...after] });
    const began = Date.now();
    const { code, stdout, stderr } = await run(command, ["run", "a", "b", "--report", "r.json"]);
    assert.equal(code, 1, name);
    assert.match(stdout, new RegExp(`^${outcomes.length} devices?: `, "m"));
    assert.match(
      stderr,
      /^The report is in r\.json\nTo wait for the runs that continue:\n.* https:\/\/x\/operations\/a\nerror: A defect of this command[^]*TypeError: it broke\n/,
      name,
    );
    assert.deepEqual(
      JSON.parse(command.read("r.json")).map(({ outcome }) => outcome),
      outcomes,
    );
    assert.ok(Date.now() - began < 20_000);
  }
});

test("a result that cannot be shown is a defect, and the others are in the report", TIMEOUT, async (t) => {
  const command = commandFolder(t, {
    script: [{ result: result("a", "failed", { error: { code: "x" } }) }, { result: result("b", "successful") }],
  });
  const { code, stderr } = await run(command, ["run", "a", "b", "--report", "r.json"]);
  assert.equal(code, 1);
  assert.match(stderr, /A defect of this command ended it/);
  assert.equal(JSON.parse(command.read("r.json")).length, 2);
});

test("colours: only on a terminal, not with NO_COLOR, and always with FORCE_COLOR", TIMEOUT, async (t) => {
  const command = commandFolder(t, { script: [{ result: result("a", "successful") }] });
  const colours = async (env) => (await run(command, ["run", "a"], { env })).stdout.includes(`${ESC}[`);
  assert.equal(await colours({}), false, "a pipe");
  assert.equal(await colours({ FORCE_COLOR: "1" }), true);
  assert.equal(await colours({ FORCE_COLOR: "0" }), false);
  assert.equal(await colours({ FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  const help = await run(command, ["--help"], { env: { FORCE_COLOR: "1" } });
  assert.ok(help.stdout.includes(`${ESC}[1m`));
  const warned = await run(command, ["run", "a"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
  assert.equal(warned.stderr, "", "Node warns of nothing");
});

test("a locale without UTF-8 gets ASCII marks", TIMEOUT, async (t) => {
  const command = commandFolder(t, { script: [{ result: result("a", "successful") }, { result: result("b", "failed") }] });
  for (const env of [{ LANG: "C" }, { LANG: "", LC_ALL: "POSIX" }, { LC_ALL: "de_DE.ISO-8859-1" }]) {
    const { stdout } = await run(command, ["run", "a"], { env });
    assert.match(stdout, /Z \+ a successful\n.*Z x b failed/);
  }
  assert.match((await run(command, ["run", "a"], { env: { LANG: "", LC_CTYPE: "en_GB.utf8" } })).stdout, /✓ a successful/);
});

test("when nobody reads the output any more, the command ends quietly and at once", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  await fetch(`${origin}/simulator/tenant?tenant=many`, { method: "POST" });
  const piped = (args) => {
    const line = `"${process.execPath}" "${command.program}" ${args.join(" ")} --base-url ${origin}/beta; echo "exit $?" >&2`;
    const child = spawn("sh", ["-c", `( ${line} ) | head -1`], { cwd: command.folder, env: environment() });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    return once(child, "close").then(() => ({ stdout, stderr }));
  };
  const listed = await piped(["devices"]);
  assert.match(listed.stdout, /^\S+\t/);
  assert.equal(listed.stderr, "exit 0\n");
  assert.equal((await piped(["--help"])).stderr, "exit 0\n");
  assert.equal((await piped(["devices", "--json"])).stderr, "exit 0\n");
  await fetch(`${origin}/simulator/tenant?tenant=catalogue`, { method: "POST" });
  const began = Date.now();
  const ran = await piped(["run", "queued", "successful", "--json", "--state", "s.state"]);
  assert.equal(objects(ran.stdout).length, 1);
  assert.match(
    ran.stderr,
    /^Standard output was closed, so the command stops: nothing more is started, and runs continue on their devices\.\n/,
  );
  assert.match(ran.stderr, /run the same command again:\n {2}teams-device-diagnostics run queued [^]*exit 1\n$/);
  assert.ok(Date.now() - began < 15_000);
  assert.ok(objects(command.read("s.state")).length > 1, "the state is kept");
  await fetch(`${origin}/simulator/reset`, { method: "POST" });
  const stateless = await piped(["run", "queued"]);
  assert.match(
    stateless.stderr,
    new RegExp(`\n {2}teams-device-diagnostics wait .* ${origin}/beta/teamwork/devices/queued/operations/[^\n]+\n`),
  );
  assert.match(stateless.stderr, /exit 1\n$/);
  const [location = ""] = /http\S+operations\S+/.exec(stateless.stderr) ?? [];
  const waited = await piped(["wait", location, "--json"]);
  assert.match(waited.stderr, /^Standard output was closed, so [^]*To go on waiting:\n {2}teams-device-diagnostics wait [^]*exit 1\n$/);
});

test("a full disk under the output is named", { ...TIMEOUT, skip: !existsSync("/dev/full") && "there is no /dev/full" }, async (t) => {
  const command = commandFolder(t, { script: [{ result: result("a", "successful") }] });
  assert.throws(
    () =>
      execFileSync("sh", ["-c", `"${process.execPath}" "${command.program}" run a > /dev/full`], {
        env: environment(command.env),
        encoding: "utf8",
        stdio: "pipe",
      }),
    /Standard output cannot be written: .*ENOSPC/,
  );
});

test("a full disk under the output ends a run like Ctrl-C, and the locations are said", {
  ...TIMEOUT,
  skip: !existsSync("/dev/full") && "there is no /dev/full",
}, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const line = `"${process.execPath}" "${command.program}" run queued --base-url ${origin}/beta > /dev/full; echo "exit $?" >&2`;
  const child = spawn("sh", ["-c", line], { cwd: command.folder, env: environment() });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  await once(child, "close");
  assert.match(stderr, /^Standard output cannot be written: .*ENOSPC.*\nStopping: nothing more is started/);
  assert.match(stderr, /\n {2}teams-device-diagnostics wait .*operations\/[^]*exit 1\n$/);
});
