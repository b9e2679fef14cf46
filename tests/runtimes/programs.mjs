// The programs of the matrix. Set-up installs them at the versions in the lock file beside this file.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { RUNTIMES } from "../../scripts/setup.mjs";
import { environment } from "../../scripts/tools.mjs";

const wanted = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const installed = join(RUNTIMES, "node_modules");

/** The major versions of Node; the last one is the current one. */
export const NODES = [20, 22, 24, 26];

/** @param {string} name */
export const program = (name) => join(installed, ".bin", name);

/** The Node of a major version; undefined if npm has no binary for this platform. @param {number} major */
export function node(major) {
  const path = join(installed, `node-${major}-${process.platform}-${process.arch}`, "bin", "node");
  return existsSync(path) ? path : undefined;
}

/** The Node that runs the tools, of which some need a later version than the project. */
export const TOOLS_NODE = node(24) ?? process.execPath;

/** @param {string} name @returns {string} */
export const version = (name) => wanted.dependencies[name];
/** @param {number} major @returns {string} */
export const nodeVersion = (major) => wanted.optionalDependencies[`node-${major}-linux-x64`].split("@").at(-1);

/**
 * The environment of the tools: no telemetry, no files outside of `folder`, and no messages that depend on the date or on CI (there Next.js
 * warns of a build without a cache).
 *
 * @param {string} folder
 */
export const toolsEnvironment = (folder) => ({
  CI: "",
  PATH: [dirname(TOOLS_NODE), environment().PATH].join(delimiter),
  NO_COLOR: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  DENO_NO_UPDATE_CHECK: "1",
  BROWSERSLIST_IGNORE_OLD_DATA: "true",
  BASELINE_BROWSER_MAPPING_IGNORE_OLD_DATA: "true",
  XDG_CONFIG_HOME: join(folder, ".config"),
  DENO_DIR: join(folder, ".deno"),
});
