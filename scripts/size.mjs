// Compares what a browser downloads, in bytes, with the budget in size-budget.json. `npm run size -- --parts` writes the sizes of the
// parts of the wasm into docs/size.md.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bundleWithoutWasm } from "./bundle.mjs";
import { DIST, MAIN, SIMULATOR } from "./modules.mjs";
import { ROOT } from "./tools.mjs";

/** @param {Uint8Array} bytes */
const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
/** @param {Uint8Array} bytes */
const brotli = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

/** @param {Uint8Array} bytes */
export const sizesOf = (bytes) => ({ raw: bytes.length, gzip: gzip(bytes), brotli: brotli(bytes) });

/** The sizes of this package's parts. */
export async function measure() {
  if (!existsSync(SIMULATOR.wasm)) throw new Error("There is no build to measure. Run: npm run build");
  const parts = {
    "index.js": readFileSync(join(DIST, "index.js")),
    wasm: readFileSync(MAIN.wasm),
    glue: await bundleWithoutWasm("index.js"),
    "fleet.js": readFileSync(join(DIST, "fleet.js")),
    "simulator.js": readFileSync(join(DIST, "simulator.js")),
  };
  const rows = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, sizesOf(bytes)]));
  /** @param {"raw" | "gzip" | "brotli"} what */
  const sum = (what) => rows.wasm[what] + rows.glue[what];
  rows["wasm + glue"] = { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
  return rows;
}

/** What to do about a package that is over its budget. */
export const OVER_BUDGET =
  "The package is over its size budget (size-budget.json). docs/size.md says how to find the cause, and when the budget may be raised";

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
    console.log(name.padEnd(13) + cells + (over ? `  ${brotli - limit} bytes over the budget (brotli)` : ""));
  }
  return within;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!(await checkSize())) {
    console.error(`\n${OVER_BUDGET}`);
    process.exitCode = 1;
  }
  if (process.argv.includes("--parts")) {
    const { writeParts } = await import("./size-parts.mjs");
    await writeParts();
  }
}
