// The tests of a caller may replace timers and clocks. Calls then use the fake clock, and no other replaced function blocks them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/tools.mjs";
import { TOOLS_NODE, program, version } from "../runtimes/programs.mjs";

const FOLDER = join(ROOT, "tests", "context");
const LIMIT = { timeout: 120_000 };
const run = promisify(execFile);

test("sinon's fake timers", LIMIT, async (t) => {
  const { stdout, stderr } = await run(process.execPath, [join(FOLDER, "sinon-clocks.mjs")]);
  assert.equal(stderr, "");
  const outcomes = Object.entries(JSON.parse(stdout));
  assert.equal(outcomes.length, 28);
  for (const [name, failure] of outcomes) await t.test(name, () => assert.equal(failure, ""));
});

test(`fake timers of Jest ${version("jest")}`, LIMIT, async (t) => {
  // A failed test may leave a running call.
  const jest = [
    program("jest"),
    "--rootDir",
    FOLDER,
    "--testMatch",
    "**/*.jest.cjs",
    "--env",
    "node",
    "--watchman=false",
    "--forceExit",
    "--json",
  ];
  // Jest exits with 1 if a test failed; the report says which.
  const { stdout } = await run(TOOLS_NODE, jest).catch((error) => error);
  const [{ assertionResults }] = JSON.parse(stdout).testResults;
  assert.equal(assertionResults.length, 19);
  for (const { title, failureMessages } of assertionResults) await t.test(title, () => assert.equal(failureMessages.join("\n"), ""));
});
