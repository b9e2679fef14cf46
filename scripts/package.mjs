// Builds the npm package in pkg/, all of whose files are generated: compiles Rust to a small wasm, and bundles the JavaScript.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BUNDLES, SOURCES, bundlePackage } from "./bundle.mjs";
import { PAGE_BUNDLES, bundlePage } from "./bundle-page.mjs";
import { COMMAND, SERVER, bundleCommand } from "./bundle-command.mjs";
import { DIST, MAIN, MODULES } from "./modules.mjs";
import { NOTICES, writeNotices } from "./notices.mjs";
import { PAGE, WWW, filesOfPage } from "./page.mjs";
import { ROOT } from "./tools.mjs";
import { bindWasm, shrink } from "./wasm.mjs";

const PACKAGE = join(ROOT, "pkg");
const BINDINGS = join(ROOT, "src", "bindings");
const STAMP = join(ROOT, "target", "package.sha256");
const TYPES = ["index", "init", "errors", "fleet", "simulator", basename(MAIN.wasm)];

// The files that are copied unchanged, each with its source and destination.
const COPIES = [
  ...["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"].map((text) => [join(ROOT, text), join(PACKAGE, text)]),
  [join(SOURCES, "package.json"), join(PACKAGE, "package.json")],
  ...TYPES.flatMap((name) => [".d.ts", ".d.cts"].map((ending) => [join(SOURCES, "types", `${name}.d.ts`), join(PACKAGE, name + ending)])),
  [NOTICES, join(PACKAGE, basename(NOTICES))],
  // For tests and scripts, which import the bundles by path. They are not in the tarball, whose manifest refers to those above.
  ...TYPES.slice(0, -1).flatMap((name) =>
    [".d.ts", ".d.cts"].map((ending) => [join(SOURCES, "types", `${name}.d.ts`), join(DIST, name + ending)]),
  ),
  // The page uses the package as it is published; the entry for fleets also has the calls of the main one.
  [join(DIST, "fleet.js"), join(WWW, "teams-device-diagnostics.js")],
  [join(DIST, "errors.js"), join(WWW, "errors.js")],
  [join(DIST, "simulator.js"), join(WWW, "simulator.js")],
  [NOTICES, join(WWW, basename(NOTICES))],
];

/** Builds the package if anything has changed. @param {string[]} libraries the modules that Cargo built */
export async function buildPackage(libraries) {
  for (const library of libraries) await bindWasm(library);
  await writeNotices();
  if ((await stamp()) !== (await readFile(STAMP, "utf8").catch(() => undefined))) {
    await rm(PACKAGE, { recursive: true, force: true });
    await mkdir(DIST, { recursive: true });
    await Promise.all(MODULES.map(shrink));
    await bundlePackage();
    await bundleCommand();
    await bundlePage();
    for (const [from, to] of COPIES) await copyFile(from, to);
    await mkdir(PAGE);
    for (const name of filesOfPage()) await copyFile(join(WWW, name), join(PAGE, name));
    await writeFile(join(DIST, ".npmignore"), "*.d.ts\n*.d.cts\n");
    await writeFile(STAMP, await stamp());
  }
  await link();
}

/** Links the package into node_modules, so that the examples and scripts find it by its name. */
async function link() {
  const name = join(ROOT, "node_modules", "teams-device-diagnostics");
  await rm(name, { force: true });
  await symlink(PACKAGE, name, "junction");
}

// A hash of all inputs and outputs. If any of them was changed or removed, the package is built again.
async function stamp() {
  const scripts = ["bundle", "bundle-command", "bundle-page", "glue", "modules", "names", "package", "page", "panics", "wasm"].map((name) =>
    join(ROOT, "scripts", `${name}.mjs`),
  );
  const folders = [SOURCES, ...["fleet", "simulator", "cli", "cli/commands", "cli/server"].map((name) => join(SOURCES, name)), BINDINGS];
  const sources = [...(await Promise.all(folders.map(scriptsIn))).flat(), ...MODULES.flatMap(({ compiled, glue }) => [compiled, glue])];
  const ofPage = await readdir(join(WWW, "src"));
  const page = filesOfPage().flatMap((name) => [join(WWW, name), join(PAGE, name)]);
  const made = [
    COMMAND,
    SERVER,
    ...MODULES.flatMap(({ names, wasm }) => [names, wasm]),
    ...BUNDLES.map(({ name }) => join(DIST, name)),
    ...PAGE_BUNDLES,
  ];
  const hash = createHash("sha256");
  for (const file of [
    join(ROOT, "package-lock.json"),
    ...scripts,
    ...sources,
    ...made,
    ...page,
    ...ofPage.map((name) => join(WWW, "src", name)),
    ...COPIES.flat(),
  ]) {
    const content = await readFile(file).catch(() => "missing");
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** @param {string} folder */
const scriptsIn = async (folder) => (await readdir(folder)).filter((name) => name.endsWith(".js")).map((name) => join(folder, name));
