// npm test -- js-types: the types of every JavaScript file that is tracked, project by project; a file that is in none of them is an
// error. The page's project is checked by a suite of its own.
import { relative, resolve } from "node:path";
import { installPeers } from "../benches/speed/install.mjs";
import { must, run } from "./run.mjs";
import { ROOT } from "./tools.mjs";

const PAGE = "www";
const PROJECTS = ["js", "scripts", "examples", "benches", "tests"];

// Whose types they are has to be there.
await installPeers();
let failed = false;
for (const project of PROJECTS) {
  const { code } = await run("npx", ["tsc", "-p", project]);
  failed ||= code !== 0;
}
const unchecked = await outsideOf([...PROJECTS, PAGE]);
if (unchecked.length > 0) console.error(`No tsconfig.json includes ${unchecked.join(", ")}`);
process.exitCode = failed || unchecked.length > 0 ? 1 : 0;

/** The JavaScript files that no project has among its own. @param {string[]} projects */
async function outsideOf(projects) {
  const tracked = await must("git", ["ls-files", "-z", "--", "*.js", "*.mjs", "*.cjs"], { quiet: true });
  const lists = await Promise.all(projects.map((project) => must("npx", ["tsc", "-p", project, "--listFilesOnly"], { quiet: true })));
  const checked = new Set(
    lists.flatMap((list) => list.split("\n").map((file) => relative(ROOT, resolve(ROOT, file.trim())).replaceAll("\\", "/"))),
  );
  return tracked.split("\0").filter((file) => file !== "" && !checked.has(file));
}
