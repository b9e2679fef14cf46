// Runs the program again with the garbage collector exposed, if it is not. It must be imported first.
import { spawnSync } from "node:child_process";

if (globalThis.gc === undefined) {
  const args = ["--expose-gc", ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
}
