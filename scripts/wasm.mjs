// Compiles Rust to wasm with its glue, and makes the wasm small.
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NAMES, WASM } from "./bundle.mjs";
import { cargoBuild } from "./cargo.mjs";
import { shortenNames } from "./names.mjs";
import { blankPanicTexts, trapInPanics } from "./panics.mjs";
import { must } from "./run.mjs";
import { CARGO_HOME, ROOT, matched } from "./tools.mjs";

export const GLUE = join(ROOT, "target", "wasm-bindgen");
export const COMPILED = join(GLUE, "teams_device_diagnostics_bg.wasm");

/** Compiles the crate to wasm; resolves to the file. @param {import("./cargo.mjs").Report} [report] */
export function compile(report) {
  // What is left of source paths in the package shall not be those of the building machine.
  const remap = [
    [CARGO_HOME, "cargo"],
    [ROOT.replace(/\/$/, ""), "."],
  ];
  const flags = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f");
  // Not `cargo build`, which is what wasm-pack calls: for a crate that is a library as well it leaves link-time optimisation out,
  // and without that the wasm is larger by a quarter.
  const crate = ["--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown", "--release"];
  return cargoBuild(["rustc", ...releaseProfile(), ...crate], "teams-device-diagnostics", {
    env: { CARGO_ENCODED_RUSTFLAGS: flags, CARGO_INCREMENTAL: "0" },
    report,
  });
}

/** This project's own release profile, which that of a user's Cargo configuration would otherwise replace. */
function releaseProfile() {
  const [, lines] = matched(/^\[profile\.release\]\r?\n((?:.+\n)+)/m, readFileSync(join(ROOT, "Cargo.toml"), "utf8"));
  const own = lines.trim().split(/\r?\n/);
  const ofDependencies = own
    .filter((/** @type {string} */ line) => line.startsWith("opt-level"))
    .map((/** @type {string} */ line) => `package."*".${line}`);
  return [...own, ...ofDependencies].flatMap((line) => ["--config", `profile.release.${line}`]);
}

/** Makes wasm-bindgen's wasm and glue of what was compiled. @param {string} library */
export async function bindWasm(library) {
  const form = ["--target", "web", "--no-typescript", "--omit-default-module-path"];
  await must("wasm-bindgen", [library, ...form, "--out-dir", GLUE], { quiet: true });
}

/** Makes the wasm as published. */
export async function shrink() {
  await optimize(await withoutPanics(), WASM, "--strip-debug", "--strip-producers", "--strip-target-features");
  const { wasm, names } = shortenNames(await readFile(WASM));
  await writeFile(WASM, blankPanicTexts(wasm));
  await writeFile(NAMES, JSON.stringify(names));
}

/** The compiled wasm in which a panic is a bare trap: nobody would read what the standard library says about it. */
async function withoutPanics() {
  const file = join(GLUE, "without_panics.wasm");
  await writeFile(file, trapInPanics(await readFile(COMPILED)));
  return file;
}

/** @param {string} from @param {string} to @param {...string} more */
async function optimize(from, to, ...more) {
  const features = [
    "bulk-memory",
    "bulk-memory-opt",
    "nontrapping-float-to-int",
    "sign-ext",
    "mutable-globals",
    "multivalue",
    "reference-types",
  ];
  // Put into their only caller, larger functions make the whole larger once it is compressed.
  // Blocks built anew, twice, and functions of one module beside each other: that is 0.3 KB less to download.
  const blocks = ["--flatten", "--rereloop"];
  const how = [
    ...blocks,
    ...blocks,
    "-Oz",
    "-Oz",
    "--converge",
    "--one-caller-inline-max-function-size=30",
    "--reorder-functions-by-name",
    ...features.map((name) => `--enable-${name}`),
  ];
  await must(join(ROOT, "node_modules", ".bin", "wasm-opt"), [...how, ...more, from, "-o", to]);
}

/** The wasm in which functions still have names, to be inspected. */
export async function named() {
  const file = join(GLUE, "named.wasm");
  await bindWasm(await compile());
  await optimize(await withoutPanics(), file, "--debuginfo");
  return file;
}
