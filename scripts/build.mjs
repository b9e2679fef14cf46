// Builds the npm package: Rust to wasm, wasm made small, everything into files that run anywhere.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BUNDLED, NAMES, WASM, bundlePackage } from "./bundle.mjs";
import { MSAL_FILES, bundleMsal } from "./msal.mjs";
import { setUp } from "./setup.mjs";
import { checkSize } from "./size.mjs";
import { ROOT, must } from "./tools.mjs";

const GLUE = join(ROOT, "target", "wasm-bindgen");
const COMPILED = join(GLUE, "teams_device_diagnostics_bg.wasm");
const PACKAGE = join(ROOT, "pkg");
const DIST = join(PACKAGE, "dist");
const BINDINGS = join(ROOT, "src", "bindings");
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
    await bundleMsal();
    for (const [from, to] of COPIES) await copyFile(from, to);
    await writeFile(STAMP, await stamp());
  }
  return checkSize();
}

async function compile() {
  // What is left of source paths in the package shall not be those of the building machine.
  const remap = [[process.env.CARGO_HOME || join(homedir(), ".cargo"), "cargo"], [ROOT.replace(/\/$/, ""), "."]];
  const flags = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f");
  // Not `cargo build`, which is what wasm-pack calls: for a crate that is a library as well it leaves link-time optimisation out,
  // and without that the wasm is larger by a quarter.
  const crate = ["--lib", "--crate-type", "cdylib", "--no-default-features", "--target", "wasm32-unknown-unknown", "--release"];
  await must("cargo", ["rustc", ...crate, "--quiet"], { env: { CARGO_ENCODED_RUSTFLAGS: flags } });
  const target = process.env.CARGO_TARGET_DIR || join(ROOT, "target");
  const library = join(target, "wasm32-unknown-unknown", "release", "teams_device_diagnostics.wasm");
  const form = ["--target", "web", "--no-typescript", "--omit-default-module-path"];
  await must("wasm-bindgen", [library, ...form, "--out-dir", GLUE], { quiet: true });
}

// Of all that goes in and all that came out: whatever was changed, removed or edited since, the package is built again.
async function stamp() {
  const tools = ["package-lock.json", "scripts/build.mjs", "scripts/bundle.mjs", "scripts/glue.mjs", "scripts/msal.mjs", "scripts/names.mjs"].map((name) => join(ROOT, name));
  const bindings = (await readdir(BINDINGS)).filter((name) => name.endsWith(".js")).map((name) => join(BINDINGS, name));
  const sources = [COMPILED, join(GLUE, "teams_device_diagnostics.js"), ...bindings];
  const hash = createHash("sha256");
  for (const file of [...tools, ...sources, NAMES, WASM, ...BUNDLED, ...MSAL_FILES, ...COPIES.flat()]) {
    const content = await readFile(file).catch(() => "missing");
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

async function shrink() {
  const features = ["bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "multivalue", "reference-types"];
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  // Functions that are called once stay functions: that packs better.
  const optimize = ["-Oz", "--converge", "--one-caller-inline-max-function-size=0"];
  await must(join(ROOT, "node_modules", ".bin", "wasm-opt"), [
    ...optimize, ...features.map((name) => `--enable-${name}`), ...strip, COMPILED, "-o", WASM,
  ]);
  // Imported late: before set-up has run it may not be there.
  const { shortenNames } = await import("./names.mjs");
  const { wasm, names } = shortenNames(await readFile(WASM));
  await writeFile(WASM, wasm);
  await writeFile(NAMES, JSON.stringify(names));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp("build");
  if (!(await buildPackage())) process.exitCode = 1;
}
