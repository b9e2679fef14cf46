// Packs the built package as npm would publish it, and checks the tarball.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { filesOfPage } from "./page.mjs";
import { must, run } from "./run.mjs";
import { ROOT } from "./tools.mjs";

const PACKAGE = join(ROOT, "pkg");

/** All published files, sorted. */
export const CONTENTS = [
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
  "THIRD-PARTY-NOTICES.md",
  "dist/cli-server.js",
  "dist/cli.js",
  "dist/errors.cjs",
  "dist/errors.js",
  "dist/fleet-workerd.js",
  "dist/fleet.cjs",
  "dist/fleet.js",
  "dist/index.cjs",
  "dist/index.js",
  "dist/init.cjs",
  "dist/init.js",
  ...filesOfPage().map((name) => `dist/page/${name}`),
  "dist/simulator-workerd.js",
  "dist/simulator.cjs",
  "dist/simulator.js",
  "dist/teams_device_diagnostics.wasm",
  "dist/teams_device_diagnostics_fleet.wasm",
  "dist/teams_device_diagnostics_simulator.wasm",
  "dist/workerd.js",
  "errors.d.cts",
  "errors.d.ts",
  "fleet.d.cts",
  "fleet.d.ts",
  "index.d.cts",
  "index.d.ts",
  "init.d.cts",
  "init.d.ts",
  "package.json",
  "simulator.d.cts",
  "simulator.d.ts",
  "teams_device_diagnostics.wasm.d.cts",
  "teams_device_diagnostics.wasm.d.ts",
].sort();

/**
 * @param {string} destination a folder that exists
 * @param {string} [folder] of the package
 * @returns {Promise<{ tarball: string, files: string[], integrity: string }>}
 */
export async function pack(destination, folder = PACKAGE) {
  const packed = JSON.parse(
    await must("npm", ["pack", "--silent", "--json", "--pack-destination", destination], { cwd: folder, quiet: true }),
  );
  // npm 12 prints an object with a member for each package.
  const [{ filename, files, integrity }] = Object.values(packed);
  return { tarball: join(destination, filename), files: files.map((/** @type {{ path: string }} */ { path }) => path).sort(), integrity };
}

/** @param {{ tarball: string, files: string[] }} packed @returns {Promise<string[]>} its problems, one sentence each */
export async function findings({ tarball, files }) {
  return [...differences(files), ...(await ofPublint(tarball)), ...(await ofTypes(tarball))];
}

/** @param {string[]} files */
function differences(files) {
  const missing = CONTENTS.filter((name) => !files.includes(name)).map((name) => `${name} is missing from the tarball`);
  const more = files
    .filter((/** @type {string} */ name) => !CONTENTS.includes(name))
    .map((/** @type {string} */ name) => `${name} does not belong into the tarball`);
  return [...missing, ...more];
}

/** @param {string} tarball */
async function ofPublint(tarball) {
  const { buffer } = new Uint8Array(await readFile(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** @param {string} tarball */
async function ofTypes(tarball) {
  const cli = join(ROOT, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
  const flags = ["--no-definitely-typed", "--no-color", "--no-emoji", "--format", "ascii"];
  const { code, output } = await run(process.execPath, [cli, tarball, ...flags], { quiet: true });
  return code === 0 ? [] : [`@arethetypeswrong/cli:\n${output.trim()}`];
}
