// Installs the npm packages of a folder when they are missing or others than its lock file names. Needs none itself.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetUpError } from "./tools.mjs";

// On Windows npm is a script that no program can start by its name; npm tells its scripts where it is.
const { npm_execpath: path = "" } = process.env;
const [npm, ...first] = path.endsWith("npm-cli.js") ? [process.execPath, path] : ["npm"];

/**
 * @param {string} folder with a package-lock.json
 * @param {string} title of what is in it
 */
export function installNpmPackages(folder, title) {
  if (areInstalled(folder)) return;
  console.log(`set-up: ${title} (npm ci, about 20 s)`);
  const began = performance.now();
  // Development packages are wanted whatever NODE_ENV and the user's configuration say of them.
  const args = [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const { status, stdout, stderr, error } = spawnSync(npm, args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new SetUpError(`npm ci failed in ${folder}:\n${error?.message ?? `${stdout}${stderr}`}`);
  console.log(`set-up: ${title}: done in ${Math.round((performance.now() - began) / 1000)} s`);
}

function areInstalled(folder) {
  // npm writes what it installed into a hidden lock file.
  const wanted = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;
  const hidden = join(folder, "node_modules", ".package-lock.json");
  const present = existsSync(hidden) ? JSON.parse(readFileSync(hidden, "utf8")).packages : {};
  const required = Object.entries(wanted).filter(([path, entry]) => path.includes("node_modules/") && !entry.optional);
  return required.every(([path, { version }]) => path in present && present[path].version === version);
}
