// Installs what is missing, says so, and costs next to nothing when nothing is.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CARGO_TOOLS, ROOT, isOnPath, must, run, toolFolder } from "./tools.mjs";

const WANTED_RUNTIMES = join(ROOT, "tests", "runtimes");
const runtimesLock = createHash("sha256").update(readFileSync(join(WANTED_RUNTIMES, "package-lock.json"))).digest("hex");

/** Where the runtimes and tools are that the packed package is tried in: outside of the project, as every customer is. */
export const RUNTIMES = toolFolder({ crate: "runtimes", version: runtimesLock.slice(0, 8) });

const say = (text) => console.log(`set-up: ${text}`);

/** @param {"build" | "test" | "size" | "fuzz" | "deny"} purpose tests need browsers as well, the last two nothing of what a build needs */
export async function setUp(purpose) {
  const needsBuild = ["build", "test", "size"].includes(purpose);
  if (!isOnPath("cargo") || !isOnPath("rustup")) {
    throw new Error("Rust is missing: install it with rustup, https://rustup.rs, and call this again");
  }
  if (needsBuild) {
    await npmPackages();
    await wasmTarget();
  }
  const purposes = needsBuild ? ["build", purpose] : [purpose];
  for (const tool of CARGO_TOOLS) if (purposes.includes(tool.for)) await cargoTool(tool);
  if (purpose === "test") {
    await browsers();
    await runtimes();
  }
}

async function npmPackages() {
  // npm writes what it installed into a hidden lock file; the root package is not in there.
  const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const hidden = join(ROOT, "node_modules", ".package-lock.json");
  const present = existsSync(hidden) ? JSON.parse(readFileSync(hidden, "utf8")).packages : {};
  const required = Object.entries(wanted).filter(([path, entry]) => path && !entry.optional);
  if (required.every(([path, { version }]) => present[path]?.version === version)) return;
  say("installing the npm packages (npm ci)");
  await must("npm", ["ci", "--no-audit", "--no-fund"]);
}

async function wasmTarget() {
  const installed = await must("rustup", ["target", "list", "--installed"], { quiet: true });
  if (installed.includes("wasm32-unknown-unknown")) return;
  say("adding Rust's wasm32-unknown-unknown target");
  await must("rustup", ["target", "add", "wasm32-unknown-unknown"]);
}

async function cargoTool(tool) {
  const folder = toolFolder(tool);
  if (existsSync(join(folder, "bin", tool.binary))) return;
  if (isOnPath(tool.binary)) {
    const { output } = await run(tool.binary, ["--version"], { quiet: true });
    if (output.includes(tool.version)) return;
  }
  say(`building ${tool.crate} ${tool.version} into ${folder}, once; this takes some minutes`);
  const install = ["install", "--quiet", `${tool.crate}@${tool.version}`, "--root", folder];
  const { code } = await run("cargo", [...install, "--locked"]);
  if (code === 0) return;
  // Its own lock file can name a release that was withdrawn since.
  say(`${tool.crate} with its own locked dependencies does not build; trying current ones`);
  await must("cargo", install);
}

async function browsers() {
  const missing = [
    ["chromium", "chromium"],
    ["chromedriver", "chromium-driver"],
    ["firefox-esr", "firefox-esr"],
  ].filter(([program]) => !isOnPath(program) && !(program === "firefox-esr" && isOnPath("firefox")));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  if (process.getuid?.() !== 0 || !isOnPath("apt-get")) {
    throw new Error(`The tests need ${packages.join(", ")}: on Debian, sudo apt-get install ${packages.join(" ")}`);
  }
  say(`installing ${packages.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await must("apt-get", ["update", "-qq"], { env });
  await must("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env, quiet: true });
}

async function runtimes() {
  if (existsSync(RUNTIMES)) return;
  say(`installing Node 20 to 26, Deno, Bun, workerd, bundlers and test runners into ${RUNTIMES}, 1.7 GB, once`);
  // Under another name until it is whole.
  const unfinished = `${RUNTIMES}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) await copyFile(join(WANTED_RUNTIMES, name), join(unfinished, name));
  // npm ci would refuse a lock file that lacks the binaries for a platform that is not even this one.
  await must("npm", ["install", "--no-audit", "--no-fund"], { cwd: unfinished, quiet: true });
  await rename(unfinished, RUNTIMES).catch(async (error) => {
    // Another set-up was faster.
    await rm(unfinished, { recursive: true });
    if (!existsSync(RUNTIMES)) throw error;
  });
}
