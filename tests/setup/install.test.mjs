// What set-up installs: without noise if nothing is wrong, with progress, and in versions that run on this Node.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import semver from "semver";
import { cargoBuild } from "../../scripts/cargo.mjs";
import { CARGO_TOOLS, ROOT, isOnPath, matched } from "../../scripts/tools.mjs";
import { present } from "../shared/present.mjs";

const TIMEOUT = { timeout: 300_000 };
const json = (...path) => JSON.parse(readFileSync(join(ROOT, ...path), "utf8"));

let above;
before(() => {
  above = mkdtempSync(join(tmpdir(), "set-up "));
});
after(() => rmSync(above, { recursive: true }));

/** Writes files into a folder of this test; returns the folder. */
function folderOf(name, files) {
  const folder = join(above, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A crate with one program. @param {string} name @param {{ dependencies?: string, build?: string, lock?: string }} [options] */
const crate = (name, { dependencies = "", build, lock } = {}) => ({
  "Cargo.toml": `[workspace]\n[package]\nname = "${name}"\nversion = "1.2.3"\nedition = "2024"\n[dependencies]\n${dependencies}`,
  "src/main.rs": 'fn main() { println!("it runs"); }\n',
  ...(build && { "build.rs": build }),
  ...(lock && { "Cargo.lock": lock }),
});

/** Runs a program with this project's modules in a separate Node, to see its output as a user does. */
function inNode(program, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { code: status, output: stdout + stderr };
}

const from = (name) => JSON.stringify(pathToFileURL(join(ROOT, "scripts", name)).href);

const install = (tool, cache) =>
  inNode(
    `
  import { installTool } from ${from("setup.mjs")};
  await installTool(${JSON.stringify(tool)}, (text) => console.log("said:", text));`,
    { XDG_CACHE_HOME: cache },
  );

test("a program whose lock file does not resolve is built all the same, with one message and no error", TIMEOUT, () => {
  const lock = `version = 4
[[package]]
name = "unlockable"
version = "1.2.3"
dependencies = ["itoa"]
[[package]]
name = "itoa"
version = "1.999.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
`;
  const path = folderOf("unlockable", crate("unlockable", { dependencies: 'itoa = "1"\n', lock }));
  const cache = join(above, "cache");
  const { code, output } = install({ name: "unlockable", binary: "unlockable", version: "1.2.3", path }, cache);
  assert.equal(code, 0, output);
  const said = output.split("\n").filter((line) => line && !/^said: \d+ of \d+ compilations$/.test(line));
  assert.deepEqual(said, ["said: built with current dependencies, because those of its own lock file do not resolve"]);
  const { stdout } = spawnSync("sh", ["-c", `"${cache}"/teams-device-diagnostics/unlockable-1.2.3-*/bin/unlockable`], { encoding: "utf8" });
  assert.equal(stdout, "it runs\n");
});

test("a program that does not build fails at once, with what Cargo said", TIMEOUT, () => {
  const lock = 'version = 4\n\n[[package]]\nname = "broken"\nversion = "1.2.3"\n';
  const path = folderOf("broken", { ...crate("broken", { lock }), "src/main.rs": "fn main() { no_such_function(); }\n" });
  const { code, output } = install({ name: "broken", binary: "broken", version: "1.2.3", path }, join(above, "cache"));
  assert.notEqual(code, 0);
  assert.match(output, /broken 1\.2\.3 does not build:[^]*no_such_function/);
  assert.doesNotMatch(output, /current dependencies/, "tried once");
});

test("a build reports its progress", TIMEOUT, async () => {
  const build = "fn main() { std::thread::sleep(std::time::Duration::from_secs(3)); }\n";
  const cwd = folderOf("slow", crate("slow", { build }));
  const said = [];
  await cargoBuild(["build", "--manifest-path", join(cwd, "Cargo.toml")], "slow", { report: (text) => said.push(text) });
  assert.ok(
    said.some((text) => /^[12] of 3 compilations$/.test(text)),
    said.join("\n"),
  );
});

test("a build resolves to the file that Cargo built, also in the folder of a target triple", TIMEOUT, async () => {
  const cwd = folderOf("placed", crate("placed"));
  const [, host] = matched(/^host: (.+)$/m, spawnSync("rustc", ["-vV"], { encoding: "utf8" }).stdout);
  const env = { CARGO_BUILD_TARGET: host, CARGO_TARGET_DIR: join(above, "somewhere else") };
  const file = await cargoBuild(["build", "--manifest-path", join(cwd, "Cargo.toml")], "placed", { env });
  assert.equal(file, join(above, "somewhere else", host, "debug", "placed"));
  assert.ok(existsSync(file));
});

test("a build that fails says why, without the progress in between", TIMEOUT, async () => {
  const cwd = folderOf("failing", {
    ...crate("failing"),
    "Cargo.toml": '[package]\nname = "failing"\n[dependencies]\nx = { path = "none" }\n',
  });
  await assert.rejects(cargoBuild(["build", "--manifest-path", join(cwd, "Cargo.toml")], "failing"), (/** @type {Error} */ error) => {
    assert.match(error.message, /failed:\n[^]*error: failed to get `x`/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character of terminals must not be there
    assert.doesNotMatch(error.message, /Building|\r|\x1b/);
    return true;
  });
});

/** A folder whose lock file names one development package. */
function packages(name) {
  const folder = folderOf(name, {
    "package.json": '{ "name": "packages", "private": true, "devDependencies": { "tool": "file:tool" } }',
    "tool/package.json": '{ "name": "tool", "version": "1.0.0" }',
  });
  spawnSync("npm", ["install", "--package-lock-only", "--offline"], { cwd: folder });
  return folder;
}

test("development packages are installed whatever NODE_ENV says, and only once", TIMEOUT, () => {
  const folder = packages("packages");
  const program = `
    import { installNpmPackages } from ${from("npm-packages.mjs")};
    await installNpmPackages(${JSON.stringify(folder)}, "the packages");
    await installNpmPackages(${JSON.stringify(folder)}, "the packages");`;
  const { code, output } = inNode(program, { NODE_ENV: "production", npm_config_omit: "dev" });
  assert.equal(code, 0, output);
  assert.ok(existsSync(join(folder, "node_modules", "tool", "package.json")));
  assert.match(output, /^set-up: the packages \(npm ci, 20 s to some minutes\)\nset-up: the packages: done in \d+ s\n$/);
});

test("an interrupted installation is repeated", TIMEOUT, () => {
  const folder = packages("broken-off");
  const program = `
    import { installNpmPackages } from ${from("npm-packages.mjs")};
    await installNpmPackages(${JSON.stringify(folder)}, "the packages");`;
  const tool = join(folder, "node_modules", "tool");
  const hidden = join(folder, "node_modules", ".package-lock.json");
  inNode(program);
  for (const breakIt of [
    () => rmSync(tool, { recursive: true }),
    () => writeFileSync(hidden, ""),
    () => writeFileSync(hidden, readFileSync(hidden).subarray(0, 50)),
  ]) {
    breakIt();
    const { code, output } = inNode(program);
    assert.equal(code, 0, output);
    assert.ok(existsSync(join(tool, "package.json")), output);
  }
});

test("if two installations run at the same time, one waits for the other, and neither breaks anything", TIMEOUT, async () => {
  const folder = packages("at-once");
  const program = `
    import { installNpmPackages } from ${from("npm-packages.mjs")};
    await installNpmPackages(${JSON.stringify(folder)}, "the packages");`;
  const one = () => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { cwd: ROOT });
  const said = (await Promise.all([one(), one()])).map(({ stdout }) => stdout);
  assert.equal(said.filter((text) => /done in/.test(text)).length, 1, said.join());
  assert.equal(said.filter((text) => text === "set-up: the packages: waiting for another set-up\n").length, 1, said.join());
  assert.ok(existsSync(join(folder, "node_modules", "tool", "package.json")));
  assert.ok(!existsSync(join(folder, ".npm-ci")));
});

test("a link in place of node_modules is left alone, and so is its target", TIMEOUT, () => {
  const folder = packages("linked");
  const elsewhere = folderOf("others", { "precious.txt": "kept" });
  symlinkSync(elsewhere, join(folder, "node_modules"));
  const { code, output } = inNode(`
    import { installNpmPackages } from ${from("npm-packages.mjs")};
    await installNpmPackages(${JSON.stringify(folder)}, "the packages");`);
  assert.equal(code, 1);
  assert.match(output, /is a link\. npm ci would empty the folder/);
  assert.equal(readFileSync(join(elsewhere, "precious.txt"), "utf8"), "kept");
});

test("no package of the first installation needs a later Node than the project, or runs an install script", () => {
  const { engines, allowScripts } = json("package.json");
  const least = semver.minVersion(engines.node);
  const { packages } = json("package-lock.json");
  const required = Object.entries(packages).filter(([path, { optional }]) => path.includes("node_modules/") && !optional);
  assert.ok(required.length > 100);
  const tooNew = required.filter(([, entry]) => entry.engines?.node && !semver.satisfies(least, entry.engines.node));
  assert.deepEqual(
    tooNew.map(([path, { version }]) => `${path} ${version}`),
    [],
    "npm would warn of EBADENGINE",
  );
  const scripts = required.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path.replace(/.*node_modules\//, ""));
  assert.deepEqual(scripts, Object.keys(allowScripts), "npm would warn of scripts that nobody decided on");
});

test("the programs of wasm-bindgen have the version of the crate, and are those that are used", () => {
  const tools = CARGO_TOOLS.filter(({ path }) => path);
  assert.equal(tools.length, 2);
  for (const tool of tools) {
    const manifest = readFileSync(join(present(tool.path, "its folder"), "Cargo.toml"), "utf8");
    assert.equal(matched(/^wasm-bindgen-cli(?:-support)? = (?:\{ version = )?"=(.+?)"/m, manifest)[1], tool.version);
    assert.equal(matched(/^version = "(.+)"$/m, manifest)[1], tool.version);
  }
  for (const program of ["bind-wasm", "wasm-bindgen", "wasm-bindgen-test-runner"]) assert.ok(isOnPath(program), program);
});
