// The build in the environments that people have, where other settings affect the output of programs and Cargo's folders.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CARGO_HOME } from "../../scripts/tools.mjs";
import { elsewhere } from "../shared/elsewhere.mjs";

const TIMEOUT = { timeout: 600_000 };
const UNSET = { CARGO_TARGET_DIR: undefined, CARGO_BUILD_BUILD_DIR: undefined };

/** The user's Cargo configuration, which no test may change. */
const CONFIGURATION = ["config", "config.toml"].map((name) => join(CARGO_HOME, name));
const read = () => CONFIGURATION.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined));
const asItWas = read();

let there;
before(() => {
  there = elsewhere();
  // The size budget is not tested here.
  there.write("size-budget.json", '{ "index.js": { "brotli": 100000 } }');
}, TIMEOUT);
after(() => {
  there?.remove();
  assert.deepEqual(read(), asItWas);
});

/** Gives the copy a Cargo configuration for one build. */
function configured(name, text, env) {
  const file = join(there.cargoHome, name);
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  writeFileSync(file, text);
  const result = build(env);
  if (before === undefined) rmSync(file);
  else writeFileSync(file, before);
  return result;
}

const build = (env) => there.node(["scripts/launch.mjs", "scripts/build.mjs"], env);
const wasm = () => readFileSync(join(there.folder, "pkg", "dist", "teams_device_diagnostics.wasm"), "latin1");

/** Changes a text of the client, which must then be in the wasm; each time to another one. */
let texts = 0;
function changeSources() {
  const text = `a client of its own, number ${++texts}, `;
  there.edit("src/protocol/error.rs", /(?<=")(a client of its own, number \d+, )?(?=Graph responded with)/, text);
  return text;
}

test("logs of Cargo, rustup and wasm-bindgen in the environment", TIMEOUT, () => {
  const { code, output } = build({ CARGO_LOG: "debug", RUSTUP_LOG: "debug", RUST_LOG: "debug" });
  assert.equal(code, 0, output.slice(-4000));
});

test("an old-style Cargo configuration, about which Cargo warns", TIMEOUT, () => {
  const { code, output } = configured("config", "[net]\nretry = 3\n");
  assert.equal(code, 0, output);
});

test("NODE_EXTRA_CA_CERTS names a missing file, about which each Node would warn", TIMEOUT, () => {
  const env = { NODE_EXTRA_CA_CERTS: join(there.folder, "there-is-none.pem") };
  const { code, output } = build(env);
  assert.equal(code, 0, output);
  assert.equal(output.match(/extra certs/g)?.length, 1, "the first Node's own warning");
  // npm runs in Node too, and its list of files is parsed.
  const packing = 'import { pack } from "./scripts/pack.mjs"; console.log((await pack("../target")).files.length);';
  const packed = there.node(["--input-type=module", "--eval", packing], env);
  assert.equal(packed.code, 0, packed.output);
  assert.ok(Number(packed.stdout) > 10, packed.stdout);
});

for (const [what, configuration, env] of /** @type {[string, string, Record<string, string>][]} */ ([
  ["[build] target-dir in Cargo's configuration", '[build]\ntarget-dir = "FOLDER"\n', {}],
  ["CARGO_BUILD_TARGET_DIR", "", { CARGO_BUILD_TARGET_DIR: "FOLDER" }],
  ["CARGO_TARGET_DIR, relative", "", { CARGO_TARGET_DIR: "../configured/target" }],
])) {
  test(`${what}: the package is built from the current sources, not from an old wasm in target/`, TIMEOUT, () => {
    const first = build();
    assert.equal(first.code, 0, first.output);
    const text = changeSources();
    const folder = join(there.makeFolder("configured"), "target");
    const values = Object.entries(env).map(([name, value]) => [name, value.replace("FOLDER", folder)]);
    const configuredEnvironment = { ...UNSET, ...Object.fromEntries(values) };
    const { code, output } = configured("config.toml", configuration.replace("FOLDER", folder), configuredEnvironment);
    assert.equal(code, 0, output);
    assert.ok(wasm().includes(text));
  });
}

test("a release profile in Cargo's configuration: the wasm is the same in every byte", TIMEOUT, () => {
  const first = build();
  assert.equal(first.code, 0, first.output);
  const before = wasm();
  const profile = "[profile.release]\nopt-level = 3\ndebug = true\nlto = false\nstrip = true\noverflow-checks = true\n";
  const env = { CARGO_INCREMENTAL: "1", CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS: "true" };
  const { code, output } = configured("config.toml", `${profile}[profile.release.package."*"]\nopt-level = 3\n`, env);
  assert.equal(code, 0, output);
  assert.ok(wasm() === before);
});

test("forced colours are not in parsed output", () => {
  there.write("scripts/probe.mjs", "console.log(JSON.stringify([process.env.FORCE_COLOR, process.argv.slice(2)]));\n");
  const { stdout, output } = there.node(["scripts/launch.mjs", "scripts/probe.mjs", "one", "--two"], { FORCE_COLOR: "1" });
  assert.equal(stdout.trim(), '[null,["one","--two"]]', output);
});

test("a Rust that is too old is refused before anything is installed", () => {
  const manifest = readFileSync(join(there.folder, "Cargo.toml"), "utf8");
  there.edit("Cargo.toml", /(?<=rust-version = ").*(?=")/, "1.999");
  const { code, output } = build();
  there.write("Cargo.toml", manifest);
  assert.equal(code, 1);
  assert.match(output, /Rust 1\.999 or later is needed; this is Rust 1\.\d+\. Run: rustup update/);
});

test("a Node that is too old is refused before anything is installed", () => {
  const manifest = readFileSync(join(there.folder, "package.json"), "utf8");
  there.edit("package.json", /(?<="node": ").*(?=")/, ">=99.1.0");
  const { code, output } = there.node(["scripts/launch.mjs", "scripts/build.mjs"]);
  there.write("package.json", manifest);
  assert.equal(code, 1);
  assert.equal(output, `\nNode 99.1.0 or later is needed to build and test this package; this is Node ${process.versions.node}\n`);
});
