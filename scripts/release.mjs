// npm run release: checks that this commit can be published, tests, builds and packs it, and prints the command that publishes it, but
// does not run that. Use --skip-tests if you have just run npm test.
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { findings, pack } from "./pack.mjs";
import { preparePackage } from "./prepare.mjs";
import { releasable } from "./releasable.mjs";
import { run } from "./run.mjs";
import { OVER_BUDGET } from "./size.mjs";
import { ROOT } from "./tools.mjs";

const PACKED = join(ROOT, "target", "package");

const { values } = parseArgs({ options: { "skip-tests": { type: "boolean" } } });
const version = await checked();
if (!values["skip-tests"] && (await run(process.execPath, [join("scripts", "test.mjs")])).code !== 0) stop(["npm test failed"]);
if (!(await preparePackage("build"))) stop([OVER_BUDGET]);
const packed = await packedAnew();
// Checked again, because tests and build must not have changed what is published.
await checked();
await tell(packed);

async function checked() {
  const { version, problems } = await releasable();
  if (problems.length > 0) stop(problems);
  return version;
}

async function packedAnew() {
  await rm(PACKED, { recursive: true, force: true });
  await mkdir(PACKED, { recursive: true });
  const packed = await pack(PACKED);
  const found = await findings(packed);
  if (found.length > 0) stop(found);
  return packed;
}

/** @param {{ tarball: string, files: string[], integrity: string }} given */
async function tell({ tarball, files, integrity }) {
  const { name, repository } = JSON.parse(await readFile(join(ROOT, "js", "package.json"), "utf8"));
  const file = relative(ROOT, tarball);
  const channel = version.includes("-") ? " --tag next" : "";
  console.log(`\n${name} ${version}: ${file}\n${integrity}\n${files.map((/** @type {string} */ name) => `  ${name}`).join("\n")}\n`);
  console.log(`Nothing is published yet. To publish it, run in a job of GitHub Actions or GitLab CI that may request an identity token:`);
  console.log(`  git push origin v${version}\n  npm publish --provenance --access public${channel} ${file}`);
  if (!repository) console.log("npm refuses --provenance until js/package.json names the `repository` that the job belongs to.");
}

/** @param {string[]} problems */
function stop(problems) {
  console.error(`\nThis cannot be published yet:\n${problems.map((/** @type {string} */ problem) => `- ${problem}`).join("\n")}`);
  process.exit(1);
}
