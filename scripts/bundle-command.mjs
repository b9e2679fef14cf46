// Bundles the command of the package (its `bin`) with the libraries that it needs.
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { DIST } from "./modules.mjs";
import { ROOT } from "./tools.mjs";

export const COMMAND = join(DIST, "cli.js");

/** Writes the command. It uses the package's own entries, which lie beside it. */
export async function bundleCommand() {
  await build(OPTIONS);
  await chmod(COMMAND, 0o755);
}

/** The folders of the npm packages that are bundled into the command, relative to the root. */
export async function bundledPackages() {
  const { metafile } = await build({ ...OPTIONS, write: false, metafile: true });
  const folders = Object.keys(metafile.inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).sort();
}

/** @type {import("esbuild").Plugin} */
const ownEntries = {
  name: "own entries",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^teams-device-diagnostics\/fleet$/ }, () => ({ path: "./fleet.js", external: true }));
  },
};

const OPTIONS = /** @satisfies {import("esbuild").BuildOptions} */ ({
  entryPoints: [join(ROOT, "js", "cli", "main.js")],
  outfile: COMMAND,
  absWorkingDir: ROOT,
  bundle: true,
  // Without it, the bundle would contain the paths of CommonJS modules, which differ from machine to machine.
  minify: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
  // Some of the libraries are CommonJS, and require modules of Node.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  plugins: [ownEntries],
});
