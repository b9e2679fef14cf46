// The package depends only on its sources: a second build in another folder, with another path to the same crates, is the same in every
// byte. It contains no paths, and its notices name everything that is compiled in.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { unpack } from "../../js/wasm-text.js";
import { bundledPackages } from "../../scripts/bundled-packages.mjs";
import { pack } from "../../scripts/pack.mjs";
import { CARGO_HOME, ROOT, matched } from "../../scripts/tools.mjs";
import { HEADING, dated, elsewhere } from "../shared/elsewhere.mjs";

const TIMEOUT = { timeout: 600_000 };
const COMPILED = "target/wasm32-unknown-unknown/release";

let there, here, second;
before(async () => {
  there = elsewhere();
  // The size budget is not tested here.
  there.write("size-budget.json", '{ "index.js": { "brotli": 100000 } }');
  const { code, output } = there.script("build.mjs");
  assert.equal(code, 0, output);
  here = await unpacked("here", join(ROOT, "pkg"));
  second = await unpacked("there", join(there.folder, "pkg"));
}, TIMEOUT);
after(() => there?.remove());

async function unpacked(name, folder) {
  const into = there.makeFolder(name);
  const { tarball, files, integrity } = await pack(into, folder);
  execFileSync("tar", ["-xzf", tarball, "-C", into]);
  return { integrity, files: Object.fromEntries(files.map((file) => [file, readFileSync(join(into, "package", file))])) };
}

/** The paths of `places` that a file contains. */
const named = (content, places) => places.filter((place) => content.includes(place));

test("every file is the same in every byte, and so is the tarball", () => {
  assert.deepEqual(Object.keys(second.files), Object.keys(here.files));
  const differing = Object.keys(here.files).filter((name) => !here.files[name].equals(second.files[name]));
  assert.deepEqual(differing, []);
  assert.equal(second.integrity, here.integrity);
});

test("no file contains a path of the build machine", () => {
  const toolchain = execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim();
  const homes = [homedir(), CARGO_HOME, process.env.RUSTUP_HOME ?? join(homedir(), ".rustup")];
  const places = [ROOT, there.folder, there.cargoHome, toolchain, ...homes, tmpdir()].map((path) => `${path.replace(/\/$/, "")}/`);
  for (const { files } of [here, second]) {
    for (const [name, content] of Object.entries(files)) assert.deepEqual(named(content, places), [], name);
  }
  // The wasm from the compiler contains paths, which shows that the check works.
  const raw = readFileSync(join(there.folder, COMPILED, "teams_device_diagnostics.wasm"));
  assert.notDeepEqual(named(raw, places), []);
});

test("the wasm in the one-file entries is the same as the file beside them", () => {
  const { "dist/teams_device_diagnostics.wasm": wasm, ...files } = here.files;
  for (const name of ["dist/index.js", "dist/index.cjs"]) {
    const [text] = matched(/[^"$'<\\`]{10000,}/, files[name].toString("latin1"));
    assert.ok(Buffer.from(unpack(text)).equals(wasm), name);
  }
});

test("the notices name what is compiled or bundled in, and nothing else", async () => {
  const notices = here.files["THIRD-PARTY-NOTICES.md"].toString();
  const rows = [...notices.matchAll(/^\| ([^|]+) \| (\d[^|]*) \| ([^|]+) \|$/gm)].map(([, name, version]) => `${name} ${version}`);
  // A separate target folder contains nothing from other builds.
  const dependencies = join(there.folder, COMPILED, "deps");
  const compiled = readdirSync(dependencies)
    .filter((name) => name.endsWith(".d"))
    .map((name) => /\/registry\/src\/[^/]+\/([^/]+)-(\d+\.\d+\.\d[^/]*)\//.exec(readFileSync(join(dependencies, name), "utf8")))
    .flatMap((found) => (found ? [`${found[1]} ${found[2]}`] : []));
  assert.ok(
    compiled.includes(
      `wasm-bindgen ${matched(/name = "wasm-bindgen"\nversion = "(.+)"/, readFileSync(join(ROOT, "Cargo.lock"), "utf8"))[1]}`,
    ),
  );
  const rustc = matched(/^rustc (\S+)/, execFileSync("rustc", ["--version"], { encoding: "utf8" }))[1];
  const { version: esbuild } = JSON.parse(readFileSync(join(ROOT, "node_modules/esbuild/package.json"), "utf8"));
  const others = [`Rust's standard library, with hashbrown ${rustc}`, `esbuild's helpers ${esbuild}`];
  const bundled = (await bundledPackages()).map((folder) => JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")));
  const packages = bundled.map(({ name, version }) => `${name} ${version}`);
  // A crate that both modules need with different features is compiled twice.
  assert.deepEqual([...rows].sort(), [...new Set(compiled), ...others, ...packages].sort());

  const texts = notices
    .split(/^## /m)
    .slice(1)
    .map((section) => section.split("\n\n```text\n"));
  for (const row of rows) {
    const name = row.slice(0, row.lastIndexOf(" "));
    const own = texts.filter(([names]) => names.split(", ").includes(name) || names === name).map(([, text]) => text);
    assert.match(own.join("\n"), /Permission (is hereby granted|to use, copy, modify)/, name);
  }
  for (const holder of [
    "Alex Crichton",
    "Aaron Lindsay",
    "2021 yvt",
    "The Rust Project Developers (see",
    "Amanieu d'Antras",
    "Unicode, Inc.",
    "Evan Wallace",
    "TJ Holowaychuk",
    "Adaltas",
  ]) {
    assert.ok(notices.includes(holder), holder);
  }
});

test("the wasm contains no parts of Rust's library that the notices do not name", () => {
  const raw = readFileSync(join(there.folder, COMPILED, "teams_device_diagnostics.wasm"), "latin1");
  // rustc mangles names (RFC 2603) as the length of the crate's name, and the name.
  const crates = new Set([...raw.matchAll(/Cs[0-9A-Za-z]+_(\d+)_?(\w+)/g)].map(([, length, name]) => name.slice(0, Number(length))));
  for (const name of ["core", "std"]) assert.ok(crates.has(name), name);
  // The last one is the prefix of functions that the compiler generates.
  const named = ["alloc", "compiler_builtins", "core", "hashbrown", "std", "__rustc"];
  assert.deepEqual(
    [...crates].filter((name) => !named.includes(name)),
    [],
  );
});

test("the release script does everything but publish, and prints that command", TIMEOUT, async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "js", "package.json"), "utf8"));
  const day = new Date().toISOString().slice(0, 10);
  there.edit("CHANGELOG.md", HEADING, dated(day));
  there.commit("Released");
  there.git("tag", "--annotate", `v${version}`, "--message", "Released");
  const { code, output } = there.script("release.mjs", "--skip-tests");
  assert.equal(code, 0, output);
  const { integrity, files } = await unpacked("released", join(there.folder, "pkg"));
  assert.match(files["CHANGELOG.md"].toString(), new RegExp(`^## ${version} \\(${day}\\)$`, "m"));
  const tarball = `target/package/teams-device-diagnostics-${version}.tgz`;
  const lines = output.split("\n");
  for (const line of [integrity, ...Object.keys(files).map((name) => `  ${name}`), `  git push origin v${version}`])
    assert.ok(lines.includes(line), line);
  assert.ok(lines.includes(`  npm publish --provenance --access public ${tarball}`), output);
  assert.ok(readdirSync(join(there.folder, "target", "package")).includes(`teams-device-diagnostics-${version}.tgz`));

  there.write("size-budget.json", '{ "index.js": { "brotli": 1 } }');
  there.commit("Too small");
  there.git("tag", "--force", "--annotate", `v${version}`, "--message", "Too small");
  const refused = there.script("release.mjs", "--skip-tests");
  assert.deepEqual([refused.code, /over its size budget/.test(refused.output), /npm publish/.test(refused.output)], [1, true, false]);
});
