// Makes the package's files that run out of its entries, the generated glue and the wasm.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { pack } from "../pkg/packed.js";
import { glueAsFunction } from "./glue.mjs";
import { LONG_NAMES } from "./names.mjs";
import { ROOT } from "./tools.mjs";

const PACKAGE = join(ROOT, "pkg");
const DIST = join(PACKAGE, "dist");
const TEXT = join(PACKAGE, "text.js");

export const WASM = join(DIST, "teams_device_diagnostics.wasm");
/** What the wasm calls its imports and exports now, for the glue. */
export const NAMES = join(ROOT, "target", "wasm-bindgen", "names.json");

const BUNDLES = [
  { entry: "entry.js", format: "esm", name: "index.js" },
  { entry: "entry.js", format: "cjs", name: "index.cjs" },
  { entry: "workerd.js", format: "esm", name: "workerd.js" },
  { entry: "init.js", format: "esm", name: "init.js" },
  { entry: "init.js", format: "cjs", name: "init.cjs" },
];

/** What the bundles are made of beside the glue and the wasm, and the bundles. */
export const BUNDLED = [
  TEXT,
  ...new Set(["calls.js", "packed.js", ...BUNDLES.map(({ entry }) => entry)].map((name) => join(PACKAGE, name))),
  ...BUNDLES.map(({ name }) => join(DIST, name)),
];

/** Writes the bundles beside the wasm: with it inside, with it as a module of its own, and without it. */
export async function bundlePackage() {
  const wasm = { "entry.js": [wasmAsText], "workerd.js": [wasmAsModule], "init.js": [] };
  for (const { entry, format, name } of BUNDLES) {
    await esbuild(entry, { format, outfile: join(DIST, name), plugins: [glue, oneOfEach, ...wasm[entry]] });
  }
}

/** What the bundle would be without the wasm. */
export async function bundleWithoutWasm() {
  const { outputFiles } = await esbuild("entry.js", { format: "esm", write: false, plugins: [glue, oneOfEach, noWasm] });
  return outputFiles[0].contents;
}

async function esbuild(entry, options) {
  return build({
    entryPoints: [join(PACKAGE, entry)],
    bundle: true,
    minify: true,
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    inject: options.format === "cjs" ? [TEXT] : [],
    mangleProps: LONG_NAMES,
    mangleCache: JSON.parse(await readFile(NAMES, "utf8")),
    ...options,
  });
}

const glue = {
  name: "glue",
  setup(build) {
    build.onLoad({ filter: /wasm-bindgen\/teams_device_diagnostics\.js$/ }, async ({ path }) => ({ contents: await glueAsFunction(path) }));
  },
};

// The glue imports its own copies of the modules beside the bindings; there must be one error class only, and one record of waiting.
const oneOfEach = {
  name: "one of each",
  setup(build) {
    build.onResolve({ filter: /\/bindings\/\w+\.js$/ }, ({ path }) => ({ path: join(ROOT, "src", "bindings", basename(path)) }));
  },
};

const noWasm = {
  name: "no wasm",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, () => ({ contents: "", loader: "text" }));
  },
};

const wasmAsText = {
  name: "wasm as text",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, () => ({ path: WASM, namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, async ({ path }) => ({ contents: pack(await readFile(path)), loader: "text" }));
  },
};

// Left to who runs or bundles the file: it lies beside it.
const wasmAsModule = {
  name: "wasm as module",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, () => ({ path: `./${basename(WASM)}`, external: true }));
  },
};
