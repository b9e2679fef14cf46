// Builds the npm package: Rust to a small wasm, everything into files that run anywhere.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BUNDLED, NAMES, WASM, bundlePackage } from "./bundle.mjs";
import { MSAL_FILES, bundleMsal } from "./msal.mjs";
import { NOTICES, writeNotices } from "./notices.mjs";
import { checkSize } from "./size.mjs";
import { ROOT } from "./tools.mjs";
import { COMPILED, GLUE, bindWasm, shrink } from "./wasm.mjs";

const PACKAGE = join(ROOT, "pkg");
const DIST = join(PACKAGE, "dist");
const BINDINGS = join(ROOT, "src", "bindings");
const STAMP = join(ROOT, "target", "package.sha256");

// Copied as they are, from the first place to the second.
const COPIES = [
  ...["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"].map((text) => [join(ROOT, text), join(PACKAGE, text)]),
  ...["index", "init", basename(WASM)].map((types) => [join(PACKAGE, `${types}.d.ts`), join(PACKAGE, `${types}.d.cts`)]),
  [NOTICES, join(PACKAGE, basename(NOTICES))],
  // The page uses the package as published, in one file beside it.
  [join(DIST, "index.js"), join(ROOT, "www", "teams-device-diagnostics.js")],
];

/**
 * Makes the package anew when anything has changed; resolves to whether it is within its size budget.
 *
 * @param {string} library the wasm as Cargo made it
 */
export async function buildPackage(library) {
  await bindWasm(library);
  await writeNotices();
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

// Of all that goes in and all that came out: whatever was changed, removed or edited since, the package is built again.
async function stamp() {
  const scripts = ["bundle", "glue", "msal", "names", "package", "wasm"].map((name) => `scripts/${name}.mjs`);
  const tools = ["package-lock.json", ...scripts].map((name) => join(ROOT, name));
  const bindings = (await readdir(BINDINGS)).filter((name) => name.endsWith(".js")).map((name) => join(BINDINGS, name));
  const sources = [COMPILED, join(GLUE, "teams_device_diagnostics.js"), ...bindings];
  const hash = createHash("sha256");
  for (const file of [...tools, ...sources, NAMES, WASM, ...BUNDLED, ...MSAL_FILES, ...COPIES.flat()]) {
    const content = await readFile(file).catch(() => "missing");
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}
