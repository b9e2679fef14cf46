// Bundles the command of the package (its `bin`) with the libraries that it needs.
import { chmod } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { DIST } from "./modules.mjs";
import { ROOT } from "./tools.mjs";

const SOURCES = join(ROOT, "js", "cli");
export const COMMAND = join(DIST, "cli.js");
/** The server of `simulate`, which no other command should have to load. */
export const SERVER = join(DIST, "cli-server.js");

const BUNDLES = [
  { entryPoints: [join(SOURCES, "main.js")], outfile: COMMAND },
  { entryPoints: [join(SOURCES, "server", "serve.js")], outfile: SERVER },
];

/** Writes the command. It uses the package's own entries, which lie beside it. */
export async function bundleCommand() {
  for (const options of COMMAND_BUILDS) await build(options);
  await chmod(COMMAND, 0o755);
}

/** @type {import("esbuild").Plugin} */
const ownEntries = {
  name: "own entries",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^teams-device-diagnostics\/(fleet|simulator)$/ }, (/** @type {{ path: string }} */ { path }) => {
      return { path: `.${path.slice(path.indexOf("/"))}.js`, external: true };
    });
    build.onResolve({ filter: /\/server\/serve\.js$/ }, (/** @type {{ kind: string }} */ { kind }) =>
      kind === "dynamic-import" ? { path: `./${basename(SERVER)}`, external: true } : undefined,
    );
  },
};

const OPTIONS = /** @satisfies {import("esbuild").BuildOptions} */ ({
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

/** The builds of the command and of its server. */
export const COMMAND_BUILDS = BUNDLES.map((bundle) => ({ ...OPTIONS, ...bundle }));
