// Installs what is missing, and says so. If nothing is missing, this takes almost no time.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cargo } from "./cargo.mjs";
import { must, run } from "./run.mjs";
import { announce, takeSteps } from "./steps.mjs";
import { CARGO_TOOLS, EXECUTABLE, ROOT, SetUpError, installFolder, isOnPath, toolFolder } from "./tools.mjs";

const WANTED_RUNTIMES = join(ROOT, "tests", "runtimes");

/** The folder of the runtimes and tools that the packed package is tested in. It is outside of the project, as a customer's is. */
export const RUNTIMES = installFolder("runtimes", "npm", join(WANTED_RUNTIMES, "package-lock.json"));

/**
 * @typedef {import("./steps.mjs").Step} Step
 *
 * @typedef {"build" | "test" | "size" | "fuzz" | "deny"} Purpose
 */

/**
 * Installs what is missing for a purpose, and runs the steps of a build.
 *
 * @param {Purpose} purpose tests also need browsers; "fuzz" and "deny" need only their own tool
 * @param {Step[]} [build] the steps, which need what is installed for builds
 */
export async function setUp(purpose, build = []) {
  const needsBuild = ["build", "test", "size"].includes(purpose);
  const binding = needsBuild ? await missingTools("build") : [];
  const compiling = purpose === "build" ? [] : await missingTools(purpose);
  const installing = needsBuild ? await missingInRust(purpose) : [];
  const downloading = purpose === "test" ? [...missingBrowsers(), ...missingRuntimes()] : [];
  announce([...installing, ...binding, ...compiling, ...downloading]);
  // The lanes run at the same time: the first two keep two cores busy for about as long, and downloads wait for the network.
  await takeSteps([
    { title: "this package", steps: [...installing, ...binding, ...build] },
    { title: "programs", steps: compiling },
    { title: "browsers and runtimes", steps: downloading },
  ]);
}

/** @param {Purpose} purpose @returns {Promise<Step[]>} */
async function missingTools(purpose) {
  const steps = [];
  for (const tool of CARGO_TOOLS.filter((tool) => tool.for === purpose)) {
    if (await hasTool(tool)) continue;
    steps.push({
      title: `${tool.name} ${tool.version}`,
      seconds: tool.seconds,
      take: (/** @type {import("./cargo.mjs").Report} */ report) => installTool(tool, report),
    });
  }
  return steps;
}

/** @param {import("./tools.mjs").CargoTool} tool */
async function hasTool(tool) {
  if (existsSync(join(toolFolder(tool), "bin", tool.binary + EXECUTABLE))) return true;
  if (!isOnPath(tool.binary)) return false;
  const { stdout } = await run(tool.binary, ["--version"], { quiet: true });
  return stdout.split(/\s/).includes(tool.version);
}

// A lock file can name a release that was withdrawn later.
const DOES_NOT_RESOLVE = /failed to select a version|is yanked|lock file .*needs to be updated/;

/**
 * Compiles a program into its folder, without optimisation: that takes half the time, and the programs are fast enough.
 *
 * @param {import("./tools.mjs").CargoTool} tool
 * @param {import("./cargo.mjs").Report} report
 */
export async function installTool(tool, report) {
  const folder = toolFolder(tool);
  const target = join(folder, "target");
  const source = tool.path ? ["--path", tool.path] : [`${tool.name}@${tool.version}`];
  const install = ["install", ...source, "--debug", "--root", folder, "--target-dir", target];
  const options = { env: { CARGO_PROFILE_DEV_DEBUG: "false" }, report };
  let { code, output } = await cargo([...install, "--locked"], options);
  if (code !== 0 && DOES_NOT_RESOLVE.test(output)) {
    report("built with current dependencies, because those of its own lock file do not resolve", { isProgress: false });
    ({ code, output } = await cargo([...install, "--force"], options));
  }
  if (code !== 0) throw new SetUpError(`${tool.name} ${tool.version} does not build:\n${output}`);
  await rm(target, { recursive: true, force: true });
}

/** @param {Purpose} purpose @returns {Promise<Step[]>} */
async function missingInRust(purpose) {
  const lists = await Promise.all(["target", "component"].map((what) => must("rustup", [what, "list", "--installed"], { quiet: true })));
  const [targets, components] = lists.map((list) => list.split(/\s+/));
  /** @type {Step[]} */
  const steps = [];
  /** @param {string} what @param {string} name */
  const add = (what, name) =>
    steps.push({
      title: `Rust's ${name}`,
      seconds: 5,
      take: () => must("rustup", [what, "add", name], { quiet: true }),
    });
  if (!targets.includes("wasm32-unknown-unknown")) add("target", "wasm32-unknown-unknown");
  const needed = purpose === "test" ? ["clippy", "rustfmt"] : [];
  for (const name of needed.filter((name) => !components.some((one) => one.startsWith(name)))) add("component", name);
  return steps;
}

/** @returns {Step[]} */
function missingBrowsers() {
  const missing = [
    ["chromium", "chromium"],
    ["chromedriver", "chromium-driver"],
    ["firefox-esr", "firefox-esr"],
  ].filter(([program]) => !isOnPath(program) && !(program === "firefox-esr" && isOnPath("firefox")));
  if (missing.length === 0) return [];
  const packages = missing.map(([, name]) => name);
  if (process.getuid?.() !== 0 || !isOnPath("apt-get")) {
    throw new SetUpError(`The tests need ${packages.join(", ")}. On Debian run: sudo apt-get install ${packages.join(" ")}`);
  }
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, quiet: true };
  const take = async () => {
    await must("apt-get", ["update", "-qq"], options);
    await must("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], options);
  };
  return [{ title: packages.join(", "), seconds: 60, take }];
}

/** @returns {Step[]} */
function missingRuntimes() {
  if (existsSync(RUNTIMES)) return [];
  return [
    { title: "Node 20 to 26, Deno, Bun, workerd, bundlers, test runners and Lighthouse, 1.9 GB", seconds: 180, take: installRuntimes },
  ];
}

async function installRuntimes() {
  await removeUnfinished();
  // Under a temporary name until it is complete.
  const unfinished = `${RUNTIMES}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) await copyFile(join(WANTED_RUNTIMES, name), join(unfinished, name));
  // Not `npm ci`, which refuses a lock file that lacks the binaries for another platform.
  await must("npm", ["install", "--include=optional", "--no-audit", "--no-fund"], { cwd: unfinished, quiet: true });
  await rename(unfinished, RUNTIMES).catch(async (error) => {
    // Another set-up has installed them in the meantime.
    await rm(unfinished, { recursive: true });
    if (!existsSync(RUNTIMES)) throw error;
  });
}

/** Removes the folders of set-ups that did not finish. */
async function removeUnfinished() {
  const cache = dirname(RUNTIMES);
  for (const name of existsSync(cache) ? await readdir(cache) : []) {
    const [, pid] = /-(\d+)$/.exec(name) ?? [];
    if (!name.startsWith(`${basename(RUNTIMES)}-`) || !pid || isRunning(Number(pid))) continue;
    await rm(join(cache, name), { recursive: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
