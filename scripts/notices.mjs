// Writes THIRD-PARTY-NOTICES.md: the code of others that is compiled into the package, with its licences.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bundledPackages } from "./bundled-packages.mjs";
import { MODULES } from "./modules.mjs";
import { must } from "./run.mjs";
import { ROOT, matched } from "./tools.mjs";

export const NOTICES = join(ROOT, "target", "THIRD-PARTY-NOTICES.md");

const LICENSE_FILE = /^(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE)/i;

// Crates and npm packages without a licence file: the copyright notice of their repository. Their licence is MIT or offers MIT.
/** @type {Record<string, string>} */
const WITHOUT_FILE = {
  "gloo-timers 0.4.0": "Copyright (c) Rust and WebAssembly Working Group",
  "rlsf 0.2.3": "Copyright 2021 yvt",
  "@polka/url 1.0.0-next.29": "Copyright (c) Luke Edwards <luke.edwards05@gmail.com> (https://lukeed.com)",
  "sirv 3.0.2": "Copyright (c) Luke Edwards <luke.edwards05@gmail.com> (https://lukeed.com)",
};

const INTRODUCTION = `# Third-party notices

The package contains code of the crates and tools that are named here. Most of it is compiled; the JavaScript that wasm-bindgen writes is
minified. The command, dist/cli.js and dist/cli-server.js, contains npm packages, and so does the page, dist/page/. Where a licence offers
MIT or Apache-2.0, the code is used under MIT.
`;

/** @typedef {{ name: string, version: string, license: string, texts: string[] }} Component */

/** Writes the notices. The same lock files and toolchain give the same text. */
export async function writeNotices() {
  const components = [...(await crates()), await rustLibrary(), await esbuildHelpers(), ...(await npmPackages())];
  const rows = components.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  const table = `| Component | Version | Licence |\n|---|---|---|\n${rows.join("\n")}\n`;
  await writeFile(NOTICES, [INTRODUCTION, table, ...licenses(components)].join("\n"));
}

/** Each licence text once, under the names of its components. @param {Component[]} components */
function licenses(components) {
  const owners = new Map();
  for (const { name, texts } of components) for (const text of texts) owners.set(text, [...(owners.get(text) ?? []), name]);
  return [...owners].map(([text, names]) => `## ${names.join(", ")}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
}

/** The crates that Cargo compiles for wasm32. Macros and their dependencies are left out, because they run only during the build. */
async function crates() {
  const build = ["--locked"];
  const edges = ["--target", "wasm32-unknown-unknown", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
  const modules = MODULES.flatMap(({ crate }) => ["-p", crate]);
  const tree = await must("cargo", ["tree", ...build, ...modules, ...edges, "--no-dedupe"], { quiet: true });
  const metadata = await must("cargo", ["metadata", ...build, "--format-version", "1"], { quiet: true });
  const { packages } = JSON.parse(metadata);
  const wanted = [...new Set([...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, name, version]) => `${name} ${version}`))];
  const found = wanted
    .sort()
    .map((id) => packages.find((/** @type {{ name: string, version: string }} */ { name, version }) => `${name} ${version}` === id));
  return Promise.all(found.filter(({ name }) => MODULES.every((module) => module.crate !== name)).map(crate));
}

/** @returns {Promise<Component>} @param {{ name: string, version: string, license: string, manifest_path: string }} given */
async function crate({ name, version, license, manifest_path }) {
  const folder = dirname(manifest_path);
  const files = (await readdir(folder)).filter((file) => LICENSE_FILE.test(file)).sort();
  const chosen = /MIT( OR |\/)Apache-2\.0/.test(license) ? files.filter((file) => !/APACHE/i.test(file)) : files;
  const texts = await Promise.all(chosen.map((file) => licenseText(join(folder, file))));
  return withText({ name, version, license, texts });
}

/** With the licence of a component that has no file of it. @param {Component} component */
async function withText({ name, version, license, texts }) {
  const holder = WITHOUT_FILE[`${name} ${version}`];
  if (texts.length === 0 && /^MIT\b/.test(license) && holder) texts.push(await mit(holder));
  if (texts.length === 0)
    throw new Error(`${name} ${version} (${license}) has no licence file. Find its copyright notice, and add it to scripts/notices.mjs`);
  return { name, version, license, texts };
}

/** Rust's standard library, with its hash table, which is a separate crate. @returns {Promise<Component>} */
async function rustLibrary() {
  const [, version] = matched(/^rustc (\S+)/, await must("rustc", ["--version"], { quiet: true }));
  const copyright = (await licenseText(await ofToolchain("COPYRIGHT-library.html"))).replaceAll(/<[^>]+>/g, "");
  const [, holder] = matched(/^\s*File\/Directory: \.\s+License: .*\s+Copyright: (.+)$/m, copyright);
  const [, author] = matched(/hashbrown-[\d.]+\s+URL: .*\s+Authors: (.+?) &#60;/, copyright);
  return {
    name: "Rust's standard library, with hashbrown",
    version,
    license: "(MIT OR Apache-2.0) AND Unicode-3.0",
    texts: [
      await mit(`Copyright (c) ${holder}\nCopyright (c) ${author.replace("&#39;", "'")}`),
      await licenseText(await ofToolchain("licenses", "Unicode-3.0.txt")),
    ],
  };
}

/** esbuild's helpers: a few lines at the top of each bundle. @returns {Promise<Component>} */
async function esbuildHelpers() {
  const folder = join(ROOT, "node_modules", "esbuild");
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return { name: "esbuild's helpers", version, license, texts: [await licenseText(join(folder, "LICENSE.md"))] };
}

/** The npm packages in the command and in the page. Two versions of one package have the same licence. @returns {Promise<Component[]>} */
async function npmPackages() {
  return Promise.all(
    (await bundledPackages()).map(async (path) => {
      const folder = join(ROOT, path);
      const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      const files = (await readdir(folder)).filter((file) => LICENSE_FILE.test(file)).sort();
      return withText({ name, version, license, texts: await Promise.all(files.map((file) => licenseText(join(folder, file)))) });
    }),
  );
}

/** @param {string} copyright */
async function mit(copyright) {
  const text = await licenseText(await ofToolchain("licenses", "MIT.txt"));
  return text.replace("Copyright (c) <year> <copyright holders>", copyright);
}

/** @param {...string} path */
async function ofToolchain(...path) {
  const root = await must("rustc", ["--print", "sysroot"], { quiet: true });
  return join(root.trim(), "share", "doc", "rust", ...path);
}

/** @param {string} file */
const licenseText = async (file) => (await readFile(file, "utf8")).replaceAll("\r\n", "\n").trim();
