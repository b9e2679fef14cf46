// Bundles the package's JavaScript files from the sources in js/, the generated glue and the wasm.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { pack } from "../js/wasm-text.js";
import { glueAsFunction } from "./glue.mjs";
import { LONG_NAMES } from "./names.mjs";
import { ROOT } from "./tools.mjs";

/** The package's JavaScript sources. */
export const SOURCES = join(ROOT, "js");
const DIST = join(ROOT, "pkg", "dist");
const TEXT_ENCODING = join(SOURCES, "text-encoding.js");
const GLUE = join(ROOT, "target", "wasm-bindgen", "teams_device_diagnostics.js");

export const WASM = join(DIST, "teams_device_diagnostics.wasm");
/** The short names of the wasm's imports and exports, for the glue. */
export const NAMES = join(ROOT, "target", "wasm-bindgen", "names.json");

/** @type {{ entry: string, format: "esm" | "cjs", name: string }[]} */
export const BUNDLES = [
  { entry: "index.js", format: "esm", name: "index.js" },
  { entry: "index.js", format: "cjs", name: "index.cjs" },
  { entry: "workerd.js", format: "esm", name: "workerd.js" },
  { entry: "init.js", format: "esm", name: "init.js" },
  { entry: "init.js", format: "cjs", name: "init.cjs" },
  { entry: "errors.js", format: "esm", name: "errors.js" },
  { entry: "errors.js", format: "cjs", name: "errors.cjs" },
];

/** Writes the bundles beside the wasm: with the wasm inside, with the wasm as a separate module, and without it. */
export async function bundlePackage() {
  /** @type {Record<string, import("esbuild").Plugin[]>} */
  const wasm = { "index.js": [wasmAsText], "workerd.js": [wasmAsModule] };
  for (const { entry, format, name } of BUNDLES) {
    await esbuild(entry, { format, outfile: join(DIST, name), plugins: [glue(format), ...(wasm[entry] ?? [])] });
  }
}

/** The main bundle without the wasm, for the measurement of its size. */
export async function bundleWithoutWasm() {
  const { outputFiles = [] } = await esbuild("index.js", { format: "esm", write: false, plugins: [glue("esm"), noWasm] });
  return outputFiles[0].contents;
}

/** @param {string} entry @param {import("esbuild").BuildOptions} options */
async function esbuild(entry, options) {
  return build({
    entryPoints: [join(SOURCES, entry)],
    bundle: true,
    minify: true,
    target: ["es2022", "safari15"],
    legalComments: "none",
    logLevel: "warning",
    inject: options.format === "cjs" && entry !== "errors.js" ? [TEXT_ENCODING] : [],
    mangleProps: LONG_NAMES,
    mangleCache: await shortNames(),
    ...options,
  });
}

const shortNames = async () => JSON.parse(await readFile(NAMES, "utf8"));

/** @param {"esm" | "cjs"} format */
const glue = (format) => ({
  name: "glue",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^#glue$/ }, () => ({ path: GLUE, namespace: "glue" }));
    build.onLoad({ filter: /.*/, namespace: "glue" }, async (/** @type {{ path: string }} */ { path }) => {
      return { contents: await glueAsFunction(path, Object.keys(await shortNames())), resolveDir: ROOT };
    });
    // The glue imports its own copies of these modules. All must use the same one, because it records timers, requests and listeners.
    build.onResolve({ filter: /\/bindings\/\w+\.js$/ }, (/** @type {{ path: string }} */ { path }) => ({
      path: join(ROOT, "src", "bindings", basename(path)),
    }));
    // All entries must share one error class.
    build.onResolve({ filter: /^\.\/errors\.js$/ }, () => ({ path: format === "cjs" ? "./errors.cjs" : "./errors.js", external: true }));
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

const wasmAsText = {
  name: "wasm as text",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^#wasm$/ }, () => ({ path: WASM, namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, async (/** @type {{ path: string }} */ { path }) => ({
      contents: pack(await readFile(path)),
      loader: "text",
    }));
  },
};

// The import stays: the runtime or the customer's bundler resolves it to the file beside the bundle.
const wasmAsModule = {
  name: "wasm as module",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^#wasm$/ }, () => ({ path: `./${basename(WASM)}`, external: true }));
  },
};
