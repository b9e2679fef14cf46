// Compiles Rust to wasm with its glue, and reduces the size of the wasm.
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cargoBuild } from "./cargo.mjs";
import { GLUE, MAIN } from "./modules.mjs";
import { shortenNames } from "./names.mjs";
import { blankPanicTexts, trapInPanics } from "./panics.mjs";
import { must } from "./run.mjs";
import { CARGO_HOME, ROOT, matched } from "./tools.mjs";

/** @import { Module } from "./modules.mjs" */

/** Compiles a module; resolves to the file. @param {Module} module @param {import("./cargo.mjs").Report} [report] */
export function compile({ crate: name }, report) {
  // The remaining source paths in the wasm must not be those of the build machine.
  const remap = [
    [CARGO_HOME, "cargo"],
    [ROOT.replace(/\/$/, ""), "."],
  ];
  const flags = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f");
  // Not `cargo build`, which wasm-pack calls: for a crate that is also a library it skips link-time optimisation, without which the wasm
  // is a quarter larger.
  const crate = [
    "--package",
    name,
    "--no-default-features",
    "--lib",
    "--crate-type",
    "cdylib",
    "--target",
    "wasm32-unknown-unknown",
    "--release",
  ];
  return cargoBuild(["rustc", ...releaseProfile(), ...crate], name, {
    env: { CARGO_ENCODED_RUSTFLAGS: flags, CARGO_INCREMENTAL: "0" },
    report,
  });
}

/** The release profile of this project. It is passed explicitly, because the user's Cargo configuration could replace it. */
function releaseProfile() {
  const [, lines] = matched(/^\[profile\.release\]\r?\n((?:.+\n)+)/m, readFileSync(join(ROOT, "Cargo.toml"), "utf8"));
  const own = lines.trim().split(/\r?\n/);
  const ofDependencies = own
    .filter((/** @type {string} */ line) => line.startsWith("opt-level"))
    .map((/** @type {string} */ line) => `package."*".${line}`);
  return [...own, ...ofDependencies].flatMap((line) => ["--config", `profile.release.${line}`]);
}

/** Writes the compiled wasm with its glue. @param {string} library */
export const bindWasm = (library) => must("bind-wasm", [library, GLUE], { quiet: true });

/** Writes the wasm that is published. @param {Module} module */
export async function shrink(module) {
  const from = module.formats ? module.compiled : await withoutPanics(module);
  await optimize(from, module.wasm, "--strip-debug", "--strip-producers", "--strip-target-features");
  const { wasm, names } = shortenNames(await readFile(module.wasm));
  await writeFile(module.wasm, module.formats ? wasm : blankPanicTexts(wasm));
  await writeFile(module.names, JSON.stringify(names));
}

/** Writes the wasm with bare traps instead of panics, whose messages nobody would see. @param {Module} module */
async function withoutPanics({ compiled }) {
  const file = compiled.replace(/_bg\.wasm$/, "_without_panics.wasm");
  await writeFile(file, trapInPanics(await readFile(compiled)));
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
  // Larger functions are not inlined into their only caller, because that makes the compressed wasm larger.
  // Blocks are rebuilt twice, and functions of one module are put beside each other, which saves 0.3 KB.
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

/** Writes the main wasm with the names of its functions, for inspection. */
export async function named() {
  const file = join(GLUE, "named.wasm");
  await bindWasm(await compile(MAIN));
  await optimize(await withoutPanics(MAIN), file, "--debuginfo");
  return file;
}
