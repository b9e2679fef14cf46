// npm run simulate: runs many seeds (--seeds 100000) or one (--seed 7), with --fleet those of fleets. With --breakages it breaks the client
// on purpose in one place after the other, and for each runs seeds until one detects it.
import { readFileSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "./run.mjs";
import { ROOT, SetUpError } from "./tools.mjs";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    seed: { type: "string" },
    fleet: { type: "boolean", default: false },
    breakages: { type: "boolean" },
  },
});
for (const name of /** @type {const} */ (["seed", "seeds"])) {
  const value = values[name];
  if (value !== undefined && !/^\d{1,15}$/.test(value)) throw new SetUpError(`--${name} must be a whole number, not ${value}`);
}
if (values.seed !== undefined && values.seeds !== undefined)
  throw new SetUpError("Pass either --seed N for one seed, or --seeds N for many");

/**
 * @typedef {object} Simulation
 * @property {string} test
 * @property {string} breakages where they are listed
 * @property {string} seeds how many are run until one detects a breakage
 * @property {string} heading the first column of its table in docs/simulation.md
 */

/** @type {Simulation} */
const OF_ONE_DEVICE = {
  test: "every_seed_keeps_every_guarantee",
  breakages: "tests/simulation/breakages.json",
  seeds: "50000",
  heading: "Breakage",
};
/** @type {Simulation} */
const OF_FLEETS = {
  test: "every_seed_of_a_fleet_keeps_every_guarantee",
  breakages: "tests/simulation/fleet/breakages.json",
  seeds: "20000",
  heading: "Breakage of a fleet",
};

/** @param {Simulation} simulation */
const program = ({ test }) => ["test", "-p", "teams-device-diagnostics", "--test", "simulation", "--", "--nocapture", "--exact", test];
const env = {
  ...(values.seeds && { SIMULATION_SEEDS: values.seeds }),
  ...(values.seed && { SIMULATION_SEED: values.seed }),
};

if (values.breakages) {
  const copy = await copyClient();
  for (const simulation of values.fleet ? [OF_FLEETS] : [OF_ONE_DEVICE, OF_FLEETS]) await breakAll(simulation, copy);
} else process.exitCode = (await run("cargo", program(values.fleet ? OF_FLEETS : OF_ONE_DEVICE), { env })).code;

/** A copy of the client that can be broken. */
async function copyClient() {
  const copy = join(ROOT, "target", "broken");
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  for (const name of ["Cargo.toml", "Cargo.lock", "src", "fleet", "simulator", "tests", "benches"]) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  }
  return copy;
}

/** @typedef {{ what: string, file: string, from: string, to: string }} Breakage */

/**
 * Breaks the copy of the client in one place after the other, and records which seed detects each breakage.
 *
 * @param {Simulation} simulation
 * @param {string} copy
 */
async function breakAll(simulation, copy) {
  /** @type {Breakage[]} */
  const breakages = JSON.parse(await readFile(join(ROOT, simulation.breakages), "utf8"));
  const stale = breakages.filter(({ file, from }) => readFileSync(join(copy, file), "utf8").split(from).length !== 2);
  if (stale.length > 0)
    throw new Error(stale.map(({ what, file, from }) => `${what}: ${file} must have this text once: ${from}`).join("\n"));
  /** @type {Row[]} */
  const rows = [];
  for (const breakage of breakages) {
    const row = await detect(breakage, simulation, copy);
    rows.push(row);
    console.log(`${(row.seed ?? "MISSED").padStart(6)}  ${row.what}: ${row.guarantee ?? "no seed detected it"}`);
  }
  const missed = rows.filter(({ seed }) => seed === undefined).length;
  await writeTable(simulation.heading, rows);
  console.log(`\n${rows.length - missed} of ${rows.length} breakages detected`);
  if (missed > 0) process.exitCode = 1;
}

/**
 * Breaks the copy in one place, runs seeds until one detects it, and repairs the copy.
 *
 * @param {Breakage} breakage
 * @param {Simulation} simulation
 * @param {string} copy
 * @returns {Promise<Row>}
 */
async function detect({ what, file, from, to }, simulation, copy) {
  const whole = await readFile(join(copy, file), "utf8");
  await writeFile(
    join(copy, file),
    whole.replace(from, () => to),
  );
  const options = {
    cwd: copy,
    env: { SIMULATION_SEEDS: simulation.seeds, ...env, CARGO_TARGET_DIR: join(ROOT, "target", "broken-build") },
    quiet: true,
  };
  const { stdout, output } = await run("cargo", program(simulation), options);
  await writeFile(join(copy, file), whole);
  const [, seed, guarantee] = /^seed (\d+): (.*)$/m.exec(stdout) ?? [];
  if (seed === undefined && !/no guarantee broken/.test(stdout)) throw new Error(`${what}: the simulation did not run\n${output}`);
  return { what, seed, guarantee };
}

/** @typedef {{ what: string, seed?: string, guarantee?: string }} Row */

/**
 * Replaces a table of docs/simulation.md.
 *
 * @param {string} heading
 * @param {Row[]} rows
 */
async function writeTable(heading, rows) {
  /** @param {string} text */
  const cell = (text) =>
    text
      .replaceAll("|", "\\|")
      .replaceAll(/[0-9a-f]{8}-5157-[0-9a-f-]+/g, "…")
      .replaceAll(/(\d+)\.\d{2,}/g, "$1")
      .replace(/^(.{160}).+$/s, "$1 …");
  const lines = rows.map(({ what, seed, guarantee }) => `| ${cell(what)} | ${seed ?? "missed"} | ${cell(guarantee ?? "")} |`);
  const file = join(ROOT, "docs", "simulation.md");
  const whole = await readFile(file, "utf8");
  const start = whole.indexOf(`| ${heading} |`);
  const after = whole.slice(start).replace(/^(?:\|.*\n)+/, "");
  const table = `| ${heading} | Seed | What the seed noticed |\n|---|---:|---|\n${lines.join("\n")}\n`;
  await writeFile(file, whole.slice(0, start) + table + after);
}
