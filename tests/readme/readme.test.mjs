// Every example of the README, of docs/ and of CONTRIBUTING.md is checked by TypeScript, and run unchanged against the simulated Graph.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { STAND_INS, typeCheck } from "./customer.mjs";
import { WITH_EXAMPLES, read } from "./documents.mjs";
import { examples } from "./examples.mjs";
import { PROGRAMS, found, home, named, program } from "./programs.mjs";
import * as commands from "./runs-of-commands.mjs";
import * as inNode from "./runs-in-node.mjs";
import * as onPages from "./runs-on-pages.mjs";
import * as ofTests from "./runs-of-tests.mjs";

const TIMEOUT = { timeout: 120_000 };

/** How each example is run and checked. @type {Record<string, import("./programs.mjs").Run>} */
const RUNS = {
  install: commands.theInstallation,
  quickstart: inNode.theQuickstart,
  fleet: inNode.theFleet,
  resume: inNode.theResumption,
  replay: commands.theCommands,
  simulate: commands.theCommands,
  msal: inNode.withMsal,
  "azure-identity": inNode.withIdentity,
  token: inNode.byHand,
  clouds: inNode.theCloud,
  command: commands.theCommandLine,
  csp: onPages.thePolicy,
  devices: inNode.theDevices,
  list: inNode.theList,
  conflict: inNode.theConflict,
  errors: inNode.theErrors,
  late: onPages.theLatePackage,
  init: onPages.theServedWasm,
  progress: inNode.theProgress,
  abort: inNode.theAbort,
  simulation: commands.theCommands,
  fleets: commands.theCommands,
  simulator: commands.theSimulator,
  scenario: commands.theScenario,
  diagnose: inNode.theCodeUnderTest,
  "node-test": ofTests.theNodeTest,
  vitest: ofTests.theVitestTest,
  jest: ofTests.theJestTest,
  "ways-in": ofTests.theWaysIn,
  faults: inNode.theFaults,
  simulated: inNode.theSimulated,
};

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
    assert.equal(["js", "ts"].includes(language), name in PROGRAMS, `${name} is a program, and nothing else is`);
  }
});

test("every program compiles strictly, with the real packages' types", TIMEOUT, async () => {
  assert.equal(await ofTests.typesOfTests(), "");
  const programs = found.filter(({ name }) => name in PROGRAMS && !ofTests.TESTS.includes(name));
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
  for (const example of found) test(example.name, TIMEOUT, (t) => RUNS[example.name](t, example));
});
