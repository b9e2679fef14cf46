// Builds the npm package: Rust to wasm, wasm made small, everything into files that run anywhere.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BUNDLED, WASM, bundlePackage } from "./bundle.mjs";
import { setUp } from "./setup.mjs";
import { checkSize } from "./size.mjs";
import { ROOT, must } from "./tools.mjs";

const GLUE = join(ROOT, "target", "wasm-pack");
const COMPILED = join(GLUE, "teams_device_diagnostics_bg.wasm");
const PACKAGE = join(ROOT, "pkg");
const DIST = join(PACKAGE, "dist");
const STAMP = join(ROOT, "target", "package.sha256");

// Copied as they are, from the first place to the second.
const COPIES = [
  ...["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"].map((text) => [join(ROOT, text), join(PACKAGE, text)]),
  ...["index", "init", basename(WASM)].map((types) => [join(PACKAGE, `${types}.d.ts`), join(PACKAGE, `${types}.d.cts`)]),
  // The page uses the package as published, in one file beside it.
  [join(DIST, "index.js"), join(ROOT, "www", "teams-device-diagnostics.js")],
];

/** Builds what has changed; resolves to whether the package is within its size budget. */
export async function buildPackage() {
  // Cargo knows by itself whether Rust has changed.
  await compile();
  if ((await stamp()) !== (await readFile(STAMP, "utf8").catch(() => undefined))) {
    await rm(DIST, { recursive: true, force: true });
    await mkdir(DIST, { recursive: true });
    await shrink();
    await bundlePackage();
    for (const [from, to] of COPIES) await copyFile(from, to);
    await writeFile(STAMP, await stamp());
  }
  return checkSize();
}

async function compile() {
  // Panic messages carry source paths: those of the building machine have no place in the package.
  const remap = [[process.env.CARGO_HOME || join(homedir(), ".cargo"), "cargo"], [ROOT.replace(/\/$/, ""), "."]];
  const flags = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f");
  const args = ["build", "--target", "web", "--release", "--no-pack", "--no-typescript", "--out-dir", GLUE];
  await must("wasm-pack", args, { env: { CARGO_ENCODED_RUSTFLAGS: flags }, quiet: true });
}

// Of all that goes in and all that came out: whatever was changed, removed or edited since, the package is built again.
async function stamp() {
  const tools = ["package-lock.json", "scripts/build.mjs", "scripts/bundle.mjs"].map((name) => join(ROOT, name));
  const sources = [COMPILED, join(GLUE, "teams_device_diagnostics.js"), join(ROOT, "src", "bindings", "error.js")];
  const hash = createHash("sha256");
  for (const file of [...tools, ...sources, WASM, ...BUNDLED, ...COPIES.flat()]) {
    const content = await readFile(file).catch(() => "missing");
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

async function shrink() {
  const features = ["bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "multivalue", "reference-types"];
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  await must(join(ROOT, "node_modules", ".bin", "wasm-opt"), [
    "-Oz", "--converge", ...features.map((name) => `--enable-${name}`), ...strip, COMPILED, "-o", WASM,
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp("build");
  if (!(await buildPackage())) process.exitCode = 1;
}
