// Bundles the package's JavaScript files from the sources in js/, the generated glue and the wasm.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { pack } from "../js/wasm-text.js";
import { glueAsFunction } from "./glue.mjs";
import { DIST, FLEET, MAIN, SIMULATOR } from "./modules.mjs";
import { LONG_NAMES } from "./names.mjs";
import { ROOT } from "./tools.mjs";

/** @import { Module } from "./modules.mjs" */

/** The package's JavaScript sources. */
export const SOURCES = join(ROOT, "js");
const TEXT_ENCODING = join(SOURCES, "text-encoding.js");

/** @typedef {{ entry: string, format: "esm" | "cjs", name: string, module: Module }} Bundle */

/** @type {Bundle[]} */
export const BUNDLES = [
  { entry: "index.js", format: "esm", name: "index.js", module: MAIN },
  { entry: "index.js", format: "cjs", name: "index.cjs", module: MAIN },
  { entry: "workerd.js", format: "esm", name: "workerd.js", module: MAIN },
  { entry: "init.js", format: "esm", name: "init.js", module: MAIN },
  { entry: "init.js", format: "cjs", name: "init.cjs", module: MAIN },
  { entry: "errors.js", format: "esm", name: "errors.js", module: MAIN },
  { entry: "errors.js", format: "cjs", name: "errors.cjs", module: MAIN },
  { entry: "fleet.js", format: "esm", name: "fleet.js", module: FLEET },
  { entry: "fleet.js", format: "cjs", name: "fleet.cjs", module: FLEET },
  { entry: "fleet-workerd.js", format: "esm", name: "fleet-workerd.js", module: FLEET },
  { entry: "simulator.js", format: "esm", name: "simulator.js", module: SIMULATOR },
  { entry: "simulator.js", format: "cjs", name: "simulator.cjs", module: SIMULATOR },
  { entry: "simulator-workerd.js", format: "esm", name: "simulator-workerd.js", module: SIMULATOR },
];

/** Writes the bundles beside the wasm: with the wasm inside, with the wasm as a separate module, and without it. */
export async function bundlePackage() {
  for (const bundle of BUNDLES) {
    const { format, name, module } = bundle;
    await esbuild(bundle, { format, outfile: join(DIST, name), plugins: [glue(format, module), wasm(bundle)] });
  }
}

/** A bundle without its wasm, for the measurement of its size. @param {string} name */
export async function bundleWithoutWasm(name) {
  const bundle = /** @type {Bundle} */ (BUNDLES.find((bundle) => bundle.name === name));
  const { outputFiles = [] } = await esbuild(bundle, { format: "esm", write: false, plugins: [glue("esm", bundle.module), noWasm] });
  return outputFiles[0].contents;
}

/** @param {Bundle} bundle @param {import("esbuild").BuildOptions} options */
async function esbuild({ entry, module }, options) {
  return build({
    entryPoints: [join(SOURCES, entry)],
    bundle: true,
    minify: true,
    target: ["es2022", "safari15"],
    legalComments: "none",
    logLevel: "warning",
    inject: options.format === "cjs" && entry !== "errors.js" ? [TEXT_ENCODING] : [],
    mangleProps: LONG_NAMES,
    mangleCache: await shortNames(module),
    ...options,
  });
}

const shortNames = async (/** @type {Module} */ { names }) => JSON.parse(await readFile(names, "utf8"));

/** @param {"esm" | "cjs"} format @param {Module} module */
const glue = (format, module) => ({
  name: "glue",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^#glue$/ }, () => ({ path: module.glue, namespace: "glue" }));
    build.onLoad({ filter: /.*/, namespace: "glue" }, async (/** @type {{ path: string }} */ { path }) => {
      return { contents: await glueAsFunction(path, Object.keys(await shortNames(module))), resolveDir: ROOT };
    });
    // The glue imports its own copies of these modules. All must use the same one, because it records timers, requests and listeners.
    build.onResolve({ filter: /\/bindings\/\w+\.js$/ }, (/** @type {{ path: string }} */ { path }) => ({
      path: join(ROOT, "src", "bindings", basename(path)),
    }));
    // All entries must share one error class.
    build.onResolve({ filter: /^\.\.?\/errors\.js$/ }, () => ({ path: format === "cjs" ? "./errors.cjs" : "./errors.js", external: true }));
  },
});

/** @type {import("esbuild").Plugin} */
const noWasm = {
  name: "no wasm",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^#wasm$/ }, () => ({ path: "none", namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, () => ({ contents: "", loader: "text" }));
  },
};

/** The wasm of a bundle, if its entry imports it. @param {Bundle} bundle */
const wasm = ({ entry, module }) => (entry.endsWith("workerd.js") ? wasmAsModule(module) : wasmAsText(module));

/** @param {Module} module @returns {import("esbuild").Plugin} */
const wasmAsText = ({ wasm }) => ({
  name: "wasm as text",
  setup(build) {
    build.onResolve({ filter: /^#wasm$/ }, () => ({ path: wasm, namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, async (/** @type {{ path: string }} */ { path }) => ({
      contents: pack(await readFile(path)),
      loader: "text",
    }));
  },
});

/**
 * The import stays: the runtime or the customer's bundler resolves it to the file beside the bundle.
 *
 * @param {Module} module @returns {import("esbuild").Plugin}
 */
const wasmAsModule = ({ wasm }) => ({
  name: "wasm as module",
  setup(build) {
    build.onResolve({ filter: /^#wasm$/ }, () => ({ path: `./${basename(wasm)}`, external: true }));
  },
});
