// Builds the npm package: Rust to wasm, wasm made small, everything into one file that runs anywhere.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateRawSync, constants } from "node:zlib";
import { setUp } from "./setup.mjs";
import { checkSize } from "./size.mjs";
import { ROOT, must } from "./tools.mjs";

const GLUE = join(ROOT, "target", "wasm-pack");
const DIST = join(ROOT, "pkg", "dist");
export const WASM = join(DIST, "teams_device_diagnostics.wasm");

export async function buildPackage() {
  await compile();
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  await shrink();
  await bundle("esm", "index.js");
  await bundle("cjs", "index.cjs");
  await copyFile(join(ROOT, "pkg", "index.d.ts"), join(ROOT, "pkg", "index.d.cts"));
  for (const text of ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]) {
    await copyFile(join(ROOT, text), join(ROOT, "pkg", text));
  }
  // The page uses the package as published, in one file beside it.
  await copyFile(join(DIST, "index.js"), join(ROOT, "www", "teams-device-diagnostics.js"));
  return checkSize();
}

async function compile() {
  // Panic messages carry source paths: those of this machine have no place in the package.
  const remap = [[process.env.CARGO_HOME || join(homedir(), ".cargo"), "cargo"], [ROOT.replace(/\/$/, ""), "."]];
  const flags = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f");
  const args = ["build", "--target", "web", "--release", "--no-pack", "--no-typescript", "--out-dir", GLUE];
  await must("wasm-pack", args, { env: { CARGO_ENCODED_RUSTFLAGS: flags }, quiet: true });
}

async function shrink() {
  const input = join(GLUE, "teams_device_diagnostics_bg.wasm");
  const features = ["bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "multivalue", "reference-types"];
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  await must(join(ROOT, "node_modules", ".bin", "wasm-opt"), [
    "-Oz", "--converge", ...features.map((name) => `--enable-${name}`), ...strip, input, "-o", WASM,
  ]);
}

async function bundle(format, name) {
  await build({
    entryPoints: [join(ROOT, "pkg", "entry.js")],
    outfile: join(DIST, name),
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    plugins: [wasmAsText, oneErrorClass],
  });
}

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

// The glue imports its own copy of the error class; there must be one class only.
const oneErrorClass = {
  name: "one error class",
  setup(build) {
    build.onResolve({ filter: /bindings\/error\.js$/ }, () => ({ path: join(ROOT, "src", "bindings", "error.js") }));
  },
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp("build");
  if (!(await buildPackage())) process.exitCode = 1;
}
