// What a browser downloads, in bytes, held against the budget in size-budget.json.
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { ROOT } from "./tools.mjs";

const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

async function measure() {
  const glue = await build({
    entryPoints: [join(ROOT, "pkg", "entry.js")],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    loader: { ".wasm": "empty" },
    plugins: [{
      name: "one error class",
      setup: (build) =>
        build.onResolve({ filter: /bindings\/error\.js$/ }, () => ({ path: join(ROOT, "src", "bindings", "error.js") })),
    }],
    logLevel: "error",
  });
  const parts = {
    "index.js": readFileSync(join(ROOT, "pkg", "dist", "index.js")),
    wasm: readFileSync(join(ROOT, "pkg", "dist", "teams_device_diagnostics.wasm")),
    glue: glue.outputFiles[0].contents,
  };
  const row = (bytes) => ({ raw: bytes.length, gzip: gzip(bytes), brotli: brotli(bytes) });
  const rows = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, row(bytes)]));
  const sum = (what) => rows.wasm[what] + rows.glue[what];
  rows["wasm + glue"] = { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
  return rows;
}

/** Prints the sizes; resolves to whether all of them are within the budget. */
export async function checkSize() {
  const budget = JSON.parse(readFileSync(join(ROOT, "size-budget.json"), "utf8"));
  const rows = await measure();
  console.log("\nWhat a browser downloads, in bytes (minified)");
  console.log(["", "raw", "gzip", "brotli", "budget"].map((text, at) => (at ? text.padStart(9) : text.padEnd(13))).join(""));
  let within = true;
  for (const [name, { raw, gzip, brotli }] of Object.entries(rows)) {
    const limit = budget[name]?.brotli;
    const over = limit !== undefined && brotli > limit;
    within &&= !over;
    const cells = [raw, gzip, brotli, limit ?? ""].map((value) => String(value).padStart(9)).join("");
    console.log(name.padEnd(13) + cells + (over ? "  over the budget (brotli)" : ""));
  }
  return within;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href && !(await checkSize())) process.exitCode = 1;
