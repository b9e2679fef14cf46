// npm run fresh: runs `npm start` and `npm test` as on a new machine. It clones the last commit into an empty folder, with
// an empty HOME and empty caches of Cargo and npm; only Rust's toolchains are reused. Needs no npm package.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { CARGO_HOME, ROOT } from "./tools.mjs";

// The programs that rustup puts into CARGO_HOME. Each is rustup under another name.
const RUSTUP_PROXIES = ["cargo", "cargo-clippy", "cargo-fmt", "clippy-driver", "rustc", "rustdoc", "rustfmt", "rustup"];

// The variables that a fresh machine does not have: those of an outer npm, of git hooks, and of other builds. Settings of the network are
// kept.
const NOT_FRESH = /^(npm_|XDG_|CARGO_|RUSTFLAGS$|RUSTC|GIT_(DIR|WORK_TREE|INDEX_FILE)$|NODE_ENV$|NODE_OPTIONS$)/i;
const OF_THE_NETWORK = /^(npm_config_(registry|cafile|.*proxy)|CARGO_(HTTP|NET|REGISTR)\w*)$/i;

const above = realpathSync(mkdtempSync(join(tmpdir(), "fresh-")));
// The path has a space, as many people's paths do.
const folder = join(above, "a fresh machine");
const checkout = join(folder, "teams-device-diagnostics");
const usualEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !NOT_FRESH.test(name) || OF_THE_NETWORK.test(name)),
);

/** @type {import("node:child_process").ChildProcess | undefined} */
let running;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => end(signal));
try {
  clone();
  const env = freshEnvironment();
  const seconds = await npm(env, "start", "--", "--once");
  console.log(`\nfresh: npm start -- --once took ${seconds} s, and succeeded at the first attempt\n`);
  // `npm test` prints its own duration, so that its counts stay the last line.
  await npm(env, "test");
} catch (error) {
  console.error(`\nfresh: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  remove();
}

function clone() {
  /** @param {...string} args */
  const git = (...args) => spawnSync("git", args, { cwd: ROOT, env: usualEnvironment, encoding: "utf8" });
  const { status, stderr, error } = git("clone", "--quiet", ".", checkout);
  if (status !== 0) throw new Error(`git clone failed: ${error?.message ?? stderr}`);
  const changed = git("status", "--porcelain").stdout.split("\n").filter(Boolean).length;
  if (changed > 0) console.log(`fresh: left out ${changed} changed files, because they are not committed`);
  // If Microsoft's schema is beside this checkout, the clone gets it too.
  const shared = join(ROOT, "..", "shared");
  if (existsSync(shared)) symlinkSync(realpathSync(shared), join(folder, "shared"));
}

function freshEnvironment() {
  const home = join(folder, "home");
  const homes = {
    HOME: home,
    USERPROFILE: home,
    CARGO_HOME: join(folder, "cargo"),
    XDG_CACHE_HOME: join(folder, "cache"),
    npm_config_cache: join(folder, "npm"),
  };
  for (const path of Object.values(homes)) mkdirSync(path, { recursive: true });
  const bin = join(homes.CARGO_HOME, "bin");
  mkdirSync(bin);
  const usual = resolve(CARGO_HOME, "bin");
  for (const name of RUSTUP_PROXIES.filter((name) => existsSync(join(usual, name))))
    symlinkSync(realpathSync(join(usual, name)), join(bin, name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => resolve(entry) !== usual);
  const RUSTUP_HOME = resolve(process.env.RUSTUP_HOME || join(homedir(), ".rustup"));
  return { ...usualEnvironment, ...homes, RUSTUP_HOME, PATH: [bin, ...path].join(delimiter) };
}

/**
 * Runs an npm script of the clone, which must succeed. Resolves to its duration in seconds.
 *
 * @param {NodeJS.ProcessEnv} env @param {...string} args
 */
async function npm(env, ...args) {
  const title = `npm ${args.join(" ")}`;
  console.log(`fresh: ${title}, in ${checkout}`);
  const began = performance.now();
  // In its own process group, so that its child processes can be ended with it.
  const child = spawn("npm", args, { cwd: checkout, env, stdio: ["ignore", "inherit", "inherit"], detached: true });
  running = child;
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  }).finally(endRunning);
  const seconds = Math.round((performance.now() - began) / 1000);
  if (code !== 0) throw new Error(`${title} failed after ${seconds} s`);
  return seconds;
}

/** Ends the whole process group, because a remaining process would write into the folder that is removed. */
function endRunning() {
  try {
    if (running?.pid) process.kill(-running.pid, "SIGKILL");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
  running = undefined;
}

/** @param {string} signal */
function end(signal) {
  endRunning();
  remove();
  console.error(`\nfresh: ended by ${signal}`);
  process.exit(1);
}

function remove() {
  rmSync(above, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}
