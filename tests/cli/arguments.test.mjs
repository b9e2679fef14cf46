// Wrong arguments are refused before anything is sent, with what is wrong and what to do; and the help is the manual.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MANUAL, RUN_MANUAL, SIMULATE_MANUAL, WAIT_MANUAL } from "../../js/cli/manual.js";
import { ROOT } from "../../scripts/tools.mjs";
import { startSimulator } from "../simulator/simulator.mjs";
import { commandFolder, jwt, run } from "./command.mjs";

const TIMEOUT = { timeout: 90_000 };

/** Wrong arguments, what the message says, and what it names as the way out. */
const WRONG = [
  [["runn"], /unknown command 'runn'/, /Did you mean run\?/],
  [["help", "rum"], /unknown command 'rum'/, /Did you mean run\?/],
  [["help", "run", "wait"], /too many arguments/, /help/],
  [
    ["run", "a", "--concurency", "3"],
    /unknown option '--concurency'/,
    /Did you mean --concurrency\?\) teams-device-diagnostics help run explains/,
  ],
  [["devices", "extra"], /too many arguments/, /help devices explains/],
  [["operations"], /missing required argument 'id'/, /help operations explains/],
  [["run", "a", "--timeout", "30"], /--timeout .*'30' is invalid/, /90s, 5m, 1h/],
  [["run", "a", "--timeout", "0s"], /--timeout/, /more than 0/],
  [["run", "a", "--timeout", "none"], /--timeout/, /90s/],
  [["run", "a", "--patience", "-1s"], /--patience/, /duration|help run/],
  [["run", "a", "--concurrency", "0"], /--concurrency/, /from 1 to/],
  [["run", "a", "--concurrency", "1.5"], /--concurrency/, /whole number/],
  [["run", "a", "--max-requests-per-second", "2000"], /--max-requests-per-second/, /at most 1,000/],
  [["run", "a", "--max-retries", "x"], /--max-retries/, /whole number/],
  [["run", "a", "--on-conflict", "ignore"], /--on-conflict/, /throw, attach/],
  [["run", "a", "--cloud", "moon"], /--cloud/, /global, usGovL4, usGovL5, china/],
  [["run", "a", "--base-url", "http://graph.microsoft.com/beta"], /--base-url/, /https/],
  [["run", "a", "--base-url", "https://localhost/beta", "--cloud", "china"], /--cloud.*--base-url|--base-url.*--cloud/, /help run/],
  [["run", "a", "--report", "out.xlsx"], /--report/, /\.csv or \.json/],
  [["run", "a", "--report", "none/out.csv"], /--report none\/out\.csv/, /[Ff]older/],
  [["run", "a", "--report", `${"x".repeat(300)}.csv`], /--report x+\.csv/, /another/],
  [["run", "a", "--report", "/proc/none.csv"], /--report \/proc\/none\.csv/, /another/],
  [["wait", "/teamwork/devices/a/operations/b", "--report", "/proc/none.csv"], /--report \/proc\/none\.csv/, /another/],
  [["run", "a", "--type", "teamsRoom"], /--type needs --all/, /Add --all/],
  [["run", "a", "--all"], /ids and --all exclude each other/, /one way/],
  [["run"], /No device is named/, /--csv FILE or --all/],
  [["run", "--state", "new.state"], /No device is named/, /--csv FILE or --all/],
  [["run", "--csv", "none.csv"], /--csv: cannot read none\.csv/, /Check its name/],
  [["run", "--csv", "-", "--token-file", "-"], /cannot both read standard input/, /Use a file/],
  [["run", "a", "--token-file", "t", "--auth", "azure-cli"], /--token-file and --auth exclude each other/, /Leave out/],
  [["run", "a", "--token-file", "t.csv", "--report", "t.csv"], /--token-file and --report name the same file/, /two files/],
  [["wait", "/teamwork/devices/a/operations/b", "--token-file", "t.csv", "--report", "t.csv"], /name the same file/, /two files/],
  [["run", ".."], /"\.\." is no device id/, /Teams admin center/],
  ...["--csv", "--state", "--token-file", "--base-url", "--timeout", "--cloud", "--auth", "--on-conflict"].map((option) => {
    const values = {
      "--base-url": "http://localhost/beta",
      "--timeout": "5s",
      "--cloud": "china",
      "--auth": "azure-cli",
      "--on-conflict": "attach",
    };
    const twice = [option, values[option] ?? "x", option, values[option] ?? "y"];
    return [["run", ...twice], new RegExp(`option '${option} .*It is given twice`), /once/];
  }),
  [["wait", "x", "--report", "a.csv", "--report", "b.csv"], /--report .*It is given twice/, /once/],
  [["wait", "-"], /No location is given/, /location/],
];

test("each wrong argument is refused with exit code 2, by name, with what to do, and nothing is sent", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  for (const [args, what, whatToDo] of /** @type {[string[], RegExp, RegExp][]} */ (WRONG)) {
    const service =
      args.some((arg) => arg === "--base-url" || arg === "--cloud") || /^(runn|help|devices|operations)$/.test(args[0])
        ? []
        : ["--base-url", `${origin}/beta`];
    const { code, stdout, stderr } = await run(command, [...args, ...service]);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, what);
    assert.match(stderr, whatToDo);
    assert.equal(stdout, "", args.join(" "));
  }
  assert.deepEqual(await (await fetch(`${origin}/simulator/requests`)).json(), []);
});

test("two options that name one file through links are refused", TIMEOUT, async (t) => {
  const { checkFiles } = await import("../../js/cli/file-options.js");
  const folder = mkdtempSync(join(tmpdir(), "files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const inFolder = (/** @type {string[]} */ ...path) => join(folder, ...path);
  mkdirSync(inFolder("real"));
  symlinkSync(inFolder("real"), inFolder("linked"), "dir");
  symlinkSync(inFolder("real", "later.json"), inFolder("dangling"));
  const file = inFolder("real", "later.json");
  for (const other of [inFolder("linked", "later.json"), inFolder("dangling"), inFolder("real", "..", "real", "later.json")])
    await assert.rejects(checkFiles({ state: file, report: other }), /--state and --report name the same file/);
  await checkFiles({ state: file, report: inFolder("real", "other.json") });
});

test("a token among the arguments is refused, and is in no message", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const secret = jwt({ aud: "https://graph.microsoft.com" });
  for (const args of [
    ["run", "a", "--token", secret],
    ["run", "a", `--token=${secret}`],
    ["run", secret],
    ["wait", secret],
    ["operations", secret],
    ["run", "a", "--access-token", secret],
    [secret],
    ["run", "a", `--tokens=${secret}`],
  ]) {
    const { code, stdout, stderr } = await run(command, args);
    assert.equal(code, 2, stderr);
    assert.ok(!(stdout + stderr).includes(secret.slice(0, 40)), args.slice(0, 3).join(" ").replace(secret, "…"));
  }
  const { stderr } = await run(command, ["run", "a", "--token", "any"]);
  assert.match(stderr, /GRAPH_TOKEN, or use --token-file/);
});

test("the help is the manual: of the command, of each of its commands, and in both spellings", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { code, stdout, stderr } = await run(command, ["--help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const part of [
    "run",
    "wait",
    "devices",
    "operations",
    "check",
    "simulate",
    "GRAPH_TOKEN",
    "--token-file",
    "az login",
    "NO_COLOR",
    "130",
    "deprecated",
  ]) {
    assert.ok(stdout.includes(part), part);
  }
  for (const name of ["run", "wait", "devices", "operations", "check", "simulate"]) {
    const own = await run(command, [name, "--help"]);
    assert.equal(own.code, 0);
    assert.deepEqual(await run(command, ["help", name]), own, name);
    assert.match(own.stdout, new RegExp(`^Usage: teams-device-diagnostics ${name} `));
  }
  assert.equal((await run(command, [])).stdout, stdout, "without arguments");
  const { stdout: ofRun } = await run(command, ["run", "--help"]);
  for (const flag of ["--csv", "--all", "--state", "--report", "--concurrency", "--patience", "--cloud", "--json", "--on-conflict"]) {
    assert.ok(ofRun.includes(flag), flag);
  }
  assert.ok(!ofRun.includes("--token "), "the refused option is not offered");
});

test("no line of the manual is too long for a terminal of 80 columns", () => {
  for (const line of [MANUAL, RUN_MANUAL, WAIT_MANUAL, SIMULATE_MANUAL].join("\n").split("\n")) assert.ok(line.length < 80, line);
});

test("the version is that of the package", TIMEOUT, async (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "js", "package.json"), "utf8"));
  assert.deepEqual(await run(commandFolder(t), ["--version"]), { code: 0, signal: null, stdout: `${version}\n`, stderr: "" });
});
