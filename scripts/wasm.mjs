// Compiles Rust to wasm with its glue, and reduces the size of the wasm.
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
  // The remaining source paths in the wasm must not be those of the build machine.
  const remap = [
    [CARGO_HOME, "cargo"],
    [ROOT.replace(/\/$/, ""), "."],
  ];
  const flags = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`).join("\x1f");
  // Not `cargo build`, which wasm-pack calls: for a crate that is also a library it skips link-time optimisation, without which the wasm
  // is a quarter larger.
  const crate = ["--lib", "--crate-type", "cdylib", "--target", "wasm32-unknown-unknown", "--release"];
  return cargoBuild(["rustc", ...releaseProfile(), ...crate], "teams-device-diagnostics", {
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

/** Writes the wasm that is published. */
export async function shrink() {
  await optimize(await withoutPanics(), WASM, "--strip-debug", "--strip-producers", "--strip-target-features");
  const { wasm, names } = shortenNames(await readFile(WASM));
  await writeFile(WASM, blankPanicTexts(wasm));
  await writeFile(NAMES, JSON.stringify(names));
}

/** Writes the wasm with bare traps instead of panics, whose messages nobody would see. */
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

/** Writes the wasm with the names of its functions, for inspection. */
export async function named() {
  const file = join(GLUE, "named.wasm");
  await bindWasm(await compile());
  await optimize(await withoutPanics(), file, "--debuginfo");
  return file;
}
