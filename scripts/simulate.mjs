// npm run simulate: runs many seeds (--seeds 100000) or one (--seed 7). With --breakages it breaks the client on purpose in one place
// after the other, and for each runs seeds until one detects it.
import { readFileSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "./run.mjs";
import { ROOT, SetUpError } from "./tools.mjs";

const { values } = parseArgs({ options: { seeds: { type: "string" }, seed: { type: "string" }, breakages: { type: "boolean" } } });
for (const name of /** @type {const} */ (["seed", "seeds"])) {
  const value = values[name];
  if (value !== undefined && !/^\d{1,15}$/.test(value)) throw new SetUpError(`--${name} must be a whole number, not ${value}`);
}
if (values.seed !== undefined && values.seeds !== undefined)
  throw new SetUpError("Pass either --seed N for one seed, or --seeds N for many");

const simulation = ["test", "-p", "teams-device-diagnostics", "--test", "simulation", "--", "--nocapture"];
const env = {
  ...(values.seeds && { SIMULATION_SEEDS: values.seeds }),
  ...(values.seed && { SIMULATION_SEED: values.seed }),
};

if (values.breakages) await breakAll();
else process.exitCode = (await run("cargo", simulation, { env })).code;

/** Breaks a copy of the client in one place after the other, and records which seed detects each breakage. */
async function breakAll() {
  const breakages = JSON.parse(await readFile(join(ROOT, "tests", "simulation", "breakages.json"), "utf8"));
  const copy = join(ROOT, "target", "broken");
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const name of ["Cargo.toml", "Cargo.lock", "src", "simulator", "tests", "benches"]) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  }
  const stale = breakages.filter(
    (/** @type {{ file: string, from: string }} */ { file, from }) => readFileSync(join(copy, file), "utf8").split(from).length !== 2,
  );
  if (stale.length > 0)
    throw new Error(
      stale
        .map(
          (/** @type {{ what: string, file: string, from: string }} */ { what, file, from }) =>
            `${what}: ${file} must have this text once: ${from}`,
        )
        .join("\n"),
    );
  /** @type {Row[]} */
  const rows = [];
  for (const { what, file, from, to } of breakages) {
    const whole = await readFile(join(copy, file), "utf8");
    await writeFile(
      join(copy, file),
      whole.replace(from, () => to),
    );
    const options = {
      cwd: copy,
      env: { SIMULATION_SEEDS: "50000", ...env, CARGO_TARGET_DIR: join(ROOT, "target", "broken-build") },
      quiet: true,
    };
    const { stdout, output } = await run("cargo", simulation, options);
    await writeFile(join(copy, file), whole);
    const [, seed, guarantee] = /^seed (\d+): (.*)$/m.exec(stdout) ?? [];
    if (seed === undefined && !/no guarantee broken/.test(stdout)) throw new Error(`${what}: the simulation did not run\n${output}`);
    rows.push({ what, seed, guarantee });
    console.log(`${(seed ?? "MISSED").padStart(6)}  ${what}: ${guarantee ?? "no seed detected it"}`);
  }
  const missed = rows.filter(({ seed }) => seed === undefined).length;
  await writeTable(rows);
  console.log(`\n${rows.length - missed} of ${rows.length} breakages detected`);
  if (missed > 0) process.exitCode = 1;
}

/** @typedef {{ what: string, seed?: string, guarantee?: string }} Row */

/** @param {Row[]} rows */
async function writeTable(rows) {
  /** @param {string} text */
  const cell = (text) =>
    text
      .replaceAll("|", "\\|")
      .replaceAll(/[0-9a-f]{8}-5157-[0-9a-f-]+/g, "…")
      .replaceAll(/(\d+)\.\d{2,}/g, "$1")
      .replace(/^(.{160}).+$/s, "$1 …");
  const lines = rows.map(({ what, seed, guarantee }) => `| ${cell(what)} | ${seed ?? "missed"} | ${cell(guarantee ?? "")} |`);
  const file = join(ROOT, "docs", "simulation.md");
  const [before] = (await readFile(file, "utf8")).split("| Breakage |");
  await writeFile(file, `${before}| Breakage | Seed | What the seed noticed |\n|---|---:|---|\n${lines.join("\n")}\n`);
}
