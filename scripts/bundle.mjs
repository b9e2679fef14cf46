// Makes one file that runs anywhere out of the entry, the generated glue and the wasm.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { constants, deflateRawSync } from "node:zlib";
import { ROOT } from "./tools.mjs";

export const WASM = join(ROOT, "pkg", "dist", "teams_device_diagnostics.wasm");
/** What the wasm calls its imports and exports now, for the glue. */
export const NAMES = join(ROOT, "target", "wasm-bindgen", "names.json");

/** Writes the bundle with the wasm in it. */
export const bundle = (format, outfile) => esbuild({ format, outfile, plugins: [oneErrorClass, wasmAsText] });

/** What the bundle would be without the wasm. */
export async function bundleWithoutWasm() {
  const { outputFiles } = await esbuild({ format: "esm", write: false, plugins: [oneErrorClass, noWasm] });
  return outputFiles[0].contents;
}

// Imported late: before set-up has run it may not be there.
async function esbuild(options) {
  const { build } = await import("esbuild");
  const { LONG_NAMES } = await import("./names.mjs");
  return build({
    entryPoints: [join(ROOT, "pkg", "entry.js")],
    bundle: true,
    minify: true,
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    // wasm-bindgen lists a snippet once for each of its functions.
    logOverride: { "duplicate-object-key": "silent" },
    mangleProps: LONG_NAMES,
    mangleCache: JSON.parse(await readFile(NAMES, "utf8")),
    ...options,
  });
}

// The glue imports its own copy of the error class; there must be one class only.
const oneErrorClass = {
  name: "one error class",
  setup(build) {
    build.onResolve({ filter: /bindings\/objects\.js$/ }, () => ({ path: join(ROOT, "src", "bindings", "objects.js") }));
  },
};

const noWasm = {
  name: "no wasm",
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, () => ({ contents: "", loader: "text" }));
  },
};

// Deflated before it becomes text: base64 of the bare wasm would cost a third more.
const wasmAsText = {
  name: "wasm as text",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, () => ({ path: WASM, namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, async ({ path }) => {
      const deflated = deflateRawSync(await readFile(path), { level: constants.Z_BEST_COMPRESSION, memLevel: 9 });
      return { contents: deflated.toString("base64"), loader: "text" };
    });
  },
};
