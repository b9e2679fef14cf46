// Checks that Rust is installed as the build needs it. Needs no npm package, so that this is checked before any is installed.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, SetUpError, environment, isOnPath, matched } from "./tools.mjs";

export function checkRust() {
  if (!isOnPath("cargo") || !isOnPath("rustup")) {
    throw new SetUpError("Rust is missing: install it with rustup, https://rustup.rs, and run this again");
  }
  const [, needed] = matched(/^rust-version = "(.+)"$/m, readFileSync(join(ROOT, "Cargo.toml"), "utf8"));
  const { stdout, stderr } = spawnSync("rustc", ["--version"], { cwd: ROOT, env: environment(), encoding: "utf8" });
  const [, present] = /^rustc (\d+\.\d+)/.exec(stdout) ?? [];
  if (!present) throw new SetUpError(`rustc does not print its version:\n${stderr}`);
  const [minor, neededMinor] = [present, needed].map((version) => Number(version.split(".")[1]));
  if (minor < neededMinor) throw new SetUpError(`Rust ${needed} or later is needed; this is Rust ${present}. Run: rustup update`);
  // On Windows rustup installs the linker.
  const hasLinker =
    process.platform === "win32" ||
    ["cc", "gcc", "clang"].some(isOnPath) ||
    Object.keys(process.env).some((name) => /^CARGO_TARGET_.*_LINKER$/.test(name));
  if (!hasLinker)
    throw new SetUpError(
      "A C compiler is missing. Rust uses it to link. On Debian run: sudo apt-get install gcc; on macOS run: xcode-select --install",
    );
  if (ROOT.includes("%"))
    throw new SetUpError(`Rust's linker cannot write into a folder with % in its path: move the project elsewhere (it is in ${ROOT})`);
}
