// npm test: runs all suites and prints the totals on the last line. `npm test -- core page` runs only the named suites.
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { DOCUMENTATION } from "./docs.mjs";
import { preparePackage } from "./prepare.mjs";
import { run } from "./run.mjs";
import { startSimulator } from "./simulator.mjs";
import { OVER_BUDGET } from "./size.mjs";
import { ROOT, SetUpError, environment, folderOf } from "./tools.mjs";

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 *
 * @typedef {object} Suite
 * @property {string} program
 * @property {string[]} args
 * @property {Record<string, string>} [env]
 * @property {(stdout: string, code: number) => Counts} count
 * @property {(output: string) => boolean} [mayBeStuck] whether perhaps only the browser failed
 */

const wanted = process.argv.slice(2);
/** The additional environment of the tests in wasm, which is filled in after set-up. @type {Record<string, string>} */
const wasmEnvironment = {};
const suites = allSuites();
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) throw new SetUpError(`There is no suite ${unknown.join(", ")}; there are ${Object.keys(suites).join(", ")}`);
/** @type {Counts} */
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failed = [];
/** @type {string[]} */
const reasons = [];

const began = performance.now();
const withinBudget = await preparePackage("test").catch((error) => {
  console.error(`${error.message}\n\n0 passed, 1 failed`);
  process.exit(1);
});
wasmEnvironment.PATH = [folderWithoutBlanks(), environment().PATH].join(delimiter);
/** @type {Record<string, number>} */
const seconds = { "set-up and build": secondsSince(began) };
const simulator = await startSimulator(["--port", "0", "--pace-ms", "20"]);
process.env.SIMULATOR_URL = simulator.url;
// In seconds. A search for a run that does not exist takes seven, for which the default of twenty is too short on a busy machine.
process.env.WASM_BINDGEN_TEST_TIMEOUT = "120";

for (const name of wanted.length > 0 ? wanted : Object.keys(suites)) {
  const suite = suites[name];
  console.log(`\n=== ${name}: ${suite.program} ${suite.args.join(" ")}`);
  const suiteBegan = performance.now();
  let { code, stdout, output } = await run(suite.program, suite.args, { env: suite.env });
  if (suite.mayBeStuck?.(output)) {
    console.log("\nThe browser did not respond, so no test ran. Running the suite once more.");
    ({ code, stdout, output } = await run(suite.program, suite.args, { env: suite.env }));
  }
  seconds[name] = secondsSince(suiteBegan);
  const counts = suite.count(stripVTControlCharacters(stdout), code);
  // A suite has also failed if it ran no tests, or failed outside of its tests.
  if (counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0)) counts.failed += 1;
  if (counts.failed > 0) {
    failed.push(name);
    reasons.push(`=== ${name}\n${reason(output)}`);
  }
  for (const what of /** @type {(keyof Counts)[]} */ (Object.keys(total))) total[what] += counts[what];
}
total[withinBudget ? "passed" : "failed"] += 1;
if (!withinBudget) {
  failed.push("size budget");
  reasons.push(`=== size budget\n${OVER_BUDGET}`);
}
simulator.stop();

if (failed.length > 0) console.log(`\nFailed: ${failed.join(", ")}\n\n${reasons.join("\n\n")}`);
console.log(`\n${times()}`);
const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed ? 1 : 0;

/** @returns {Record<string, Suite>} */
function allSuites() {
  const wasmClippy = [
    "clippy",
    "--target",
    "wasm32-unknown-unknown",
    "-p",
    "teams-device-diagnostics",
    "-p",
    "teams-device-diagnostics-fleet",
    "-p",
    "teams-device-diagnostics-simulator",
    "--lib",
    "--tests",
    "--",
    "-D",
    "warnings",
  ];
  /** @param {string} program @param {string[]} args @param {Record<string, string>} [env] */
  const check = (program, args, env) => ({ program, args, env, count: once });
  return {
    format: check("cargo", ["fmt", "--all", "--check"]),
    "js-lint": check("npx", ["biome", "check", "--error-on-warnings"]),
    clippy: check("cargo", ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
    "clippy-wasm": check("cargo", wasmClippy),
    ...Object.fromEntries(Object.entries(DOCUMENTATION).map(([name, { program, args, env }]) => [name, check(program, args, env)])),
    core: { program: "cargo", args: ["test", "--workspace", "--all-features"], count: rust },
    chrome: wasmTest("--headless", "--chrome", "--test", "browser"),
    firefox: wasmTest("--headless", "--firefox", "--test", "browser"),
    node: wasmTest("--node", "--test", "node"),
    types: check("npx", ["tsc", "-p", "tests/types"]),
    "js-types": check(process.execPath, [join("scripts", "js-types.mjs")]),
    "page-types": check("npx", ["tsc", "-p", "www"]),
    package: nodeTests("package"),
    provenance: nodeTests("provenance"),
    runtimes: nodeTests("runtimes"),
    readme: nodeTests("readme"),
    examples: nodeTests("examples"),
    cli: nodeTests("cli"),
    simulator: nodeTests("simulator"),
    setup: nodeTests("setup"),
    page: nodeTests("page"),
    sockets: nodeTests("sockets"),
    leaks: nodeTests("leaks"),
    conformance: nodeTests("conformance"),
    context: nodeTests("context"),
  };
}

/** @param {...string} flags */
function wasmTest(...flags) {
  return { program: "wasm-pack", args: ["--log-level", "error", "test", ...flags], env: wasmEnvironment, count: rust, mayBeStuck };
}

/** The folder of the test runner for wasm-pack. Cargo takes its path from a variable, which it splits at spaces. */
function folderWithoutBlanks() {
  const folder = folderOf("wasm-bindgen-test-runner");
  if (folder === undefined) throw new SetUpError("wasm-bindgen-test-runner is missing, although set-up installed it");
  if (!/\s/.test(folder)) return folder;
  const above = mkdtempSync(join(tmpdir(), "test-runner-"));
  process.once("exit", () => rmSync(above, { recursive: true }));
  const link = join(above, "bin");
  symlinkSync(folder, link);
  return link;
}

/** @param {string} name */
function nodeTests(name) {
  const folder = join("tests", name);
  const files = existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(".test.mjs")) : [];
  // Without files Node would search for tests everywhere, so a missing folder is passed by name and fails.
  const paths = files.length > 0 ? files.map((file) => join(folder, file)) : [folder];
  const args = ["--test", "--test-reporter=spec", "--test-concurrency=1", ...paths];
  return { program: process.execPath, args, count: node };
}

// On a busy machine a browser sometimes never loads its page. Its driver stops waiting after five minutes.
/** @param {string} output */
function mayBeStuck(output) {
  return output.includes("driver status:") && !output.includes("test result:");
}

/** Why a suite failed: the summary of its runner, or its last lines. @param {string} output */
function reason(output) {
  const start = output.search(/failing tests:|^failures:$/m);
  const said = start < 0 ? output.slice(-4000) : output.slice(start, start + 8000);
  return said.replaceAll(/^(.{300}).+$/gm, "$1 …").trim();
}

/** @param {number} moment */
function secondsSince(moment) {
  return Math.round((performance.now() - moment) / 1000);
}

/** The total duration, and the longest suites. */
function times() {
  const longest = Object.entries(seconds).sort(([, one], [, other]) => other - one);
  return `Took ${secondsSince(began)} s: ${longest.map(([name, value]) => `${name} ${value}`).join(", ")}`;
}

/** @param {unknown} _ @param {number} code */
function once(_, code) {
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** @param {string} stdout */
function rust(stdout) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of stdout.matchAll(/test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/g)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  return counts;
}

/** @param {string} stdout */
function node(stdout) {
  /** @param {string} what */
  const last = (what) => Number([...stdout.matchAll(new RegExp(`^\\W*${what} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail") + last("cancelled"), skipped: last("skipped") };
}
