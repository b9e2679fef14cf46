// npm run fresh, and what CI calls: both commands as on a machine that has never seen the project. The last commit is cloned into an
// empty folder, and HOME and the caches of Cargo and npm are empty; only Rust's toolchains stay. Needs no npm package.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { CARGO_HOME, ROOT } from "./tools.mjs";

// What rustup puts into an empty CARGO_HOME: all of them are rustup under another name.
const RUSTUP_PROXIES = ["cargo", "cargo-clippy", "cargo-fmt", "clippy-driver", "rustc", "rustdoc", "rustfmt", "rustup"];

const above = realpathSync(mkdtempSync(join(tmpdir(), "fresh-")));
process.once("exit", () => rmSync(above, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

// A blank in the path, as many people have one.
const folder = join(above, "a fresh machine");
const checkout = join(folder, "teams-device-diagnostics");
const env = freshEnvironment();
clone();
const seconds = npm("npm start -- --once", "start", "--", "--once");
console.log(`\nfresh: npm start -- --once took ${seconds} s, and worked at the first try\n`);
// It says how long it took itself, so that its counts stay the last line.
npm("npm test", "test");

function freshEnvironment() {
  const home = join(folder, "home");
  const homes = { HOME: home, USERPROFILE: home, CARGO_HOME: join(folder, "cargo"), XDG_CACHE_HOME: join(folder, "cache"), npm_config_cache: join(folder, "npm") };
  for (const path of Object.values(homes)) mkdirSync(path, { recursive: true });
  const bin = join(homes.CARGO_HOME, "bin");
  mkdirSync(bin);
  const usual = join(CARGO_HOME, "bin");
  for (const name of RUSTUP_PROXIES.filter((name) => existsSync(join(usual, name)))) symlinkSync(realpathSync(join(usual, name)), join(bin, name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => entry !== usual);
  // What an outer npm tells its scripts, and where other builds are, is not there on a fresh machine; the address of a registry is.
  const left = Object.entries(process.env).filter(([name]) => name === "npm_config_registry" || !/^(npm_|XDG_|CARGO_(BUILD_)?TARGET_DIR$)/i.test(name));
  const RUSTUP_HOME = process.env.RUSTUP_HOME || join(homedir(), ".rustup");
  return { ...Object.fromEntries(left), ...homes, RUSTUP_HOME, PATH: [bin, ...path].join(delimiter) };
}

function clone() {
  const git = (...args) => spawnSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const { status } = git("clone", "--quiet", ".", checkout);
  if (status !== 0) process.exit(1);
  const changed = git("status", "--porcelain").stdout.split("\n").filter(Boolean).length;
  if (changed > 0) console.log(`fresh: ${changed} changed files are not committed, and so left out`);
  // Where Microsoft's schema lies beside this checkout, it lies beside that one.
  const shared = join(ROOT, "..", "shared");
  if (existsSync(shared)) symlinkSync(realpathSync(shared), join(folder, "shared"));
}

/** Runs an npm script of the clone; resolves to how many seconds it took. */
function npm(title, ...args) {
  console.log(`fresh: ${title}, in ${checkout}`);
  const began = performance.now();
  const { status } = spawnSync("npm", args, { cwd: checkout, env, stdio: ["ignore", "inherit", "inherit"] });
  const seconds = Math.round((performance.now() - began) / 1000);
  if (status !== 0) {
    console.error(`\nfresh: ${title} failed after ${seconds} s`);
    process.exit(1);
  }
  return seconds;
}
