// npm run fuzz: runs each target of fuzz/ for a minute, to find an input that breaks an invariant. `npm run fuzz -- location` runs one
// target; further arguments go to libFuzzer (`npm run fuzz -- location -max_total_time=3600`).
import { mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { must } from "./run.mjs";
import { setUp } from "./setup.mjs";
import { ROOT } from "./tools.mjs";

const targets = readdirSync(join(ROOT, "fuzz", "targets")).map((file) => basename(file, ".rs"));
const [wanted, ...flags] = process.argv.slice(2);
if (wanted !== undefined && !targets.includes(wanted)) {
  throw new Error(`There is no target ${wanted}; there are ${targets.join(", ")}`);
}

await setUp("fuzz");
for (const target of wanted === undefined ? targets : [wanted]) await fuzz(target);

/**
 * Runs a target. New inputs are added to corpus/, never to the seeds. No sanitizer is used, because the code has no `unsafe`, so that
 * nightly Rust is not needed.
 *
 * @param {string} target
 */
async function fuzz(target) {
  const corpus = join("fuzz", "corpus", target);
  mkdirSync(join(ROOT, corpus), { recursive: true });
  const search = ["-max_total_time=60", "-max_len=512", ...flags];
  await must("cargo", ["fuzz", "run", target, "--sanitizer", "none", corpus, join("fuzz", "seeds", target), "--", ...search]);
}
