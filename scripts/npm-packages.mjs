// Installs the npm packages of a folder if they are missing or differ from its lock file. Needs no npm package itself.
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PROGRESS_EVERY_MS, SetUpError } from "./tools.mjs";

// On Windows npm is a script, which cannot be started by its name. npm passes its path to its scripts.
const { npm_execpath: path = "" } = process.env;
const [npm, ...first] = path.endsWith("npm-cli.js") ? [process.execPath, path] : ["npm"];

/**
 * @param {string} folder with a package-lock.json
 * @param {string} title of its content
 */
export async function installNpmPackages(folder, title) {
  if (areInstalled(folder)) return;
  if (lstatSync(join(folder, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new SetUpError(
      `${join(folder, "node_modules")} is a link. npm ci would empty the folder that the link leads to: remove the link`,
    );
  }
  await alone(join(folder, ".npm-ci"), title, async () => {
    // Another process may have installed them in the meantime.
    if (areInstalled(folder)) return;
    console.log(`set-up: ${title} (npm ci, 20 s to some minutes)`);
    const began = performance.now();
    const seconds = () => Math.round((performance.now() - began) / 1000);
    const signs = setInterval(() => console.log(`set-up: ${title}: npm ci running for ${seconds()} s`), PROGRESS_EVERY_MS);
    const { code, output } = await npmCi(folder).finally(() => clearInterval(signs));
    if (code !== 0 || !areInstalled(folder)) throw new SetUpError(`npm ci failed in ${folder}:\n${output}`);
    console.log(`set-up: ${title}: done in ${seconds()} s`);
  });
}

/** @param {string} folder */
function npmCi(folder) {
  // Development packages are needed even if NODE_ENV or the user's configuration omits them.
  const args = [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const child = spawn(npm, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => child.kill();
  process.once("exit", stop);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve) => {
    child.on("error", ({ message }) => resolve({ code: 1, output: message }));
    child.on("close", (code) => resolve({ code, output }));
  }).finally(() => process.off("exit", stop));
}

/**
 * Performs an action under a lock, because two `npm ci` at the same time would break the folder.
 *
 * @param {string} lock @param {string} title @param {() => Promise<void>} action
 */
async function alone(lock, title, action) {
  for (let isFirst = true; !take(lock); isFirst = false) {
    if (isFirst) console.log(`set-up: ${title}: waiting for another set-up`);
    await pause(500);
  }
  const heartbeat = setInterval(() => utimesSync(lock, new Date(), new Date()), 1_000);
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    await action();
  } finally {
    clearInterval(heartbeat);
    process.off("exit", release);
    release();
  }
}

/** @param {string} lock */
function take(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  // A killed process leaves its lock behind, so a lock without a heartbeat is removed.
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > 10_000) rmSync(lock, { recursive: true, force: true });
  return false;
}

/** @param {string} folder */
function areInstalled(folder) {
  const wanted = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;
  const required = Object.entries(wanted).filter(([path, entry]) => path.includes("node_modules/") && !entry.optional);
  const present = installed(folder);
  return required.every(
    ([path, { version }]) => path in present && present[path].version === version && existsSync(join(folder, path, "package.json")),
  );
}

/** The installed packages by npm's hidden lock file; none if that is missing or damaged. @param {string} folder */
function installed(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8")).packages;
  } catch {
    return {};
  }
}
