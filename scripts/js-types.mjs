// npm test -- js-types: checks the types of every tracked JavaScript file, project by project. A file that is in no project is an error.
// The page's project has its own suite.
import { join, relative, resolve } from "node:path";
import { installNpmPackages } from "./npm-packages.mjs";
import { must, run } from "./run.mjs";
import { ROOT } from "./tools.mjs";

const PAGE = "www";
// The second project of the tests is stricter, for everything but the test files.
const PROJECTS = ["js", "scripts", "examples", "benches", "tests", "tests/support.tsconfig.json"];

// The benchmarks use the types of these packages.
await installNpmPackages(join(ROOT, "benches", "speed"), "the peers of the benches");
let failed = false;
for (const project of PROJECTS) {
  const { code } = await run("npx", ["tsc", "-p", project]);
  failed ||= code !== 0;
}
const unchecked = await outsideOf([...PROJECTS, PAGE]);
if (unchecked.length > 0) console.error(`No tsconfig.json includes ${unchecked.join(", ")}`);
process.exitCode = failed || unchecked.length > 0 ? 1 : 0;

/** The JavaScript files that are in no project. @param {string[]} projects */
async function outsideOf(projects) {
  const tracked = await must("git", ["ls-files", "-z", "--", "*.js", "*.mjs", "*.cjs", "*.jsx"], { quiet: true });
  const lists = await Promise.all(projects.map((project) => must("npx", ["tsc", "-p", project, "--listFilesOnly"], { quiet: true })));
  const checked = new Set(
    lists.flatMap((list) => list.split("\n").map((file) => relative(ROOT, resolve(ROOT, file.trim())).replaceAll("\\", "/"))),
  );
  return tracked.split("\0").filter((file) => file !== "" && !checked.has(file));
}
