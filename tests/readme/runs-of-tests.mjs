// How the examples that are tests of a customer's code are run: with each test runner, red at first, and green when the code is right.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { transformSync } from "esbuild";
import { run } from "../../scripts/run.mjs";
import { RUNTIMES } from "../../scripts/setup.mjs";
import { TOOLS_NODE, program, toolsEnvironment } from "../runtimes/programs.mjs";
import { installPackage } from "../shared/customer.mjs";
import { typeCheck } from "./customer.mjs";
import { named } from "./programs.mjs";

/** @typedef {import("./programs.mjs").Run} Run */

/** The examples whose imports are installed beside the runtimes. */
export const TESTS = ["diagnose", "node-test", "vitest", "jest", "ways-in"];
/** The most lines of a test, and the longest time that it may take, in milliseconds. */
const [MOST_LINES, LONGEST] = [10, 5_000];

/** A folder beside the test runners. @type {ReturnType<typeof installPackage> | undefined} */
let customer;
after(() => customer?.remove());

/** Writes a file of the customer. @param {string} name @param {string} text */
function write(name, text) {
  customer ??= installPackage(RUNTIMES);
  mkdirSync(join(customer.folder, name, ".."), { recursive: true });
  writeFileSync(join(customer.folder, name), text);
  return customer.folder;
}

/** Checks the types of these examples; resolves to the output of tsc. */
export function typesOfTests() {
  const files = TESTS.map((name) => (name === "diagnose" ? "diagnose.mjs" : `${name}.mjs`));
  // Jest's globals, whose types are a package of their own.
  const globals = ["expect", "jest", "test"].map((name) => `declare const ${name}: typeof import("@jest/globals").${name};`);
  write("globals.d.ts", globals.join("\n"));
  TESTS.forEach((name, at) => write(files[at], `${named(name).text}\nexport {};\n`));
  return typeCheck(write("diagnose.js", named("diagnose").text), [...files, "globals.d.ts"]);
}

/**
 * Runs a test with the code as it is in the document, with the correction, and with a simulated Graph whose time stands still.
 *
 * @param {import("./examples.mjs").Example} example
 * @param {{ code: string, test: string, isCommonJs?: boolean }} files their names
 * @param {(folder: string, name: string) => Promise<{ passed: boolean, output: string, duration: number }>} runTest
 */
async function redAndGreen({ name, text }, { code, test, isCommonJs = false }, runTest) {
  assert.ok(text.split("\n").length <= MOST_LINES, `${name} has more than ${MOST_LINES} lines`);
  const { text: wrong } = named("diagnose");
  /** @param {string} limit */
  const withLimit = (limit) => wrong.replace("waitForOperation(location)", `waitForOperation(location, { operationTimeout: ${limit} })`);
  assert.notEqual(withLimit("Infinity"), wrong);
  /** @param {string} codeText @param {string} testText */
  const ended = (codeText, testText) => {
    write(`${name}/${code}`, isCommonJs ? transformSync(codeText, { format: "cjs" }).code : codeText);
    return runTest(write(`${name}/${test}`, testText), name);
  };
  const red = await ended(wrong, text);
  assert.ok(!red.passed, "the code as it is");
  assert.match(red.output, /operationTimeout/);
  const green = await ended(withLimit("Infinity"), text);
  assert.ok(green.passed, green.output);
  assert.ok(green.duration < LONGEST, `${green.duration} ms`);
  const still = text.replace("simulateGraph({", "simulateGraph({ now: () => 0,");
  assert.notEqual(still, text);
  assert.ok(!(await ended(withLimit("7_200_000"), still)).passed, "with a clock that stands still");
}

/** @param {string} folder @param {string[]} command */
const inFolder = (folder, [file, ...args]) =>
  // Node's test runner would take itself for a part of this test.
  run(file, args, { cwd: folder, env: { ...toolsEnvironment(folder), NODE_TEST_CONTEXT: undefined }, quiet: true });

/** @type {Run} */
export const theNodeTest = (_t, example) =>
  redAndGreen(example, { code: "diagnose.mjs", test: "diagnose.test.mjs" }, async (folder, name) => {
    const { code, output } = await inFolder(folder, [process.execPath, "--test", "--test-reporter=tap", `${name}/diagnose.test.mjs`]);
    return { passed: code === 0 && output.includes("# pass 1\n"), output, duration: Number(/duration_ms ([\d.]+)/.exec(output)?.[1]) };
  });

/** What Jest and Vitest report in the same form. @param {string} json */
function reported(json) {
  const { numPassedTests, numTotalTests, testResults } = JSON.parse(json);
  const [{ duration }] = testResults[0].assertionResults;
  return { passed: numPassedTests === 1 && numTotalTests === 1, output: json, duration: duration ?? 0 };
}

/** @type {Run} */
export const theVitestTest = (_t, example) =>
  redAndGreen(example, { code: "diagnose.mjs", test: "diagnose.test.mjs" }, async (folder, name) => {
    await inFolder(folder, [program("vitest"), "run", "--root", name, "--reporter=json", "--outputFile=report.json"]);
    return reported(readFileSync(join(folder, name, "report.json"), "utf8"));
  });

/** @type {Run} */
export const theJestTest = (_t, example) =>
  redAndGreen(example, { code: "diagnose.js", test: "diagnose.test.js", isCommonJs: true }, async (folder, name) => {
    return reported((await inFolder(folder, [program("jest"), "--rootDir", name, "--json", "--forceExit"])).stdout);
  });

/** @type {Run} */
export async function theWaysIn(_t, { text }) {
  const folder = write("ways-in/ways-in.mjs", text);
  const { code, stdout, output } = await inFolder(folder, [TOOLS_NODE, "ways-in/ways-in.mjs"]);
  assert.equal(code, 0, output);
  assert.equal(stdout.trim(), "Successful 3");
}
