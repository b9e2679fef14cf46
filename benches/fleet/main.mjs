// npm run bench:fleet: how long many devices take, and how many requests, in three ways under the same quota; and the memory of a waiting
// device. Writes the tables into docs/fleet.md. `--quick` uses 200 devices, and writes nothing.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { preparePackage } from "../../scripts/prepare.mjs";
import { ROOT } from "../../scripts/tools.mjs";
import { byFastClock } from "./clock.mjs";
import { simulatedGraph } from "./graph.mjs";

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const DEVICES = values.quick ? 200 : 3_000;
const WAITING = values.quick ? 1_000 : 10_000;
const QUOTA = 10;
const DOCUMENT = join(ROOT, "docs", "fleet.md");

async function main() {
  await preparePackage("build");
  const tables = {
    "all devices online": await compare(() => false),
    "one device in ten offline": await compare((device) => device % 10 === 3),
    memory: memory(),
  };
  for (const [name, table] of Object.entries(tables)) console.log(`\n${name}\n\n${table}`);
  if (!values.quick) write(tables);
}

/** @param {(device: number) => boolean} isOffline */
async function compare(isOffline) {
  const { STRATEGIES } = await import("./strategies.mjs");
  const rows = [];
  for (const [name, strategy] of Object.entries(STRATEGIES)) {
    const graph = simulatedGraph({ devices: DEVICES, quota: QUOTA, isOffline });
    const { result: outcomes, took } = await byFastClock(() => strategy(graph));
    const { sent, refused } = graph.count;
    const needed = Math.max((sent / QUOTA) * 1_000, graph.longest);
    const throttled = outcomes.filter((outcome) => outcome === "throttled").length;
    const share = `${((100 * refused) / sent).toFixed(2)} %`;
    rows.push(`| ${name} | ${hours(took)} | ${sent.toLocaleString("en")} | ${share} | ${throttled} | ${(took / needed).toFixed(2)} |`);
    console.log(rows.at(-1));
  }
  const head = "| how | time | requests | refused | devices that failed for throttling | time / time needed |";
  return [head, "|---|---:|---:|---:|---:|---:|", ...rows].join("\n");
}

/** @param {number} ms */
const hours = (ms) => (ms < 6_000_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`);

/** Each in its own process. */
function memory() {
  const rows = ["one call for each device", "runDiagnosticsOnDevices"].map((how) => {
    const child = fileURLToPath(new URL("memory.mjs", import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", child, how, String(WAITING)], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const { js, wasm } = JSON.parse(stdout);
    return `| ${how} | ${kilobytes(js)} | ${kilobytes(wasm)} | ${kilobytes(js + wasm)} |`;
  });
  return ["| how | JavaScript | WebAssembly | both |", "|---|---:|---:|---:|", ...rows].join("\n");
}

/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1_000).toFixed(1)} KB`;

/** @param {Record<string, string>} tables */
function write(tables) {
  let text = readFileSync(DOCUMENT, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const place = new RegExp(`(?<=<!-- ${name} -->\\n)[^]*?(?=<!-- / -->)`);
    if (!place.test(text)) throw new Error(`docs/fleet.md has no place for: ${name}`);
    text = text.replace(place, () => `${table}\n`);
  }
  writeFileSync(DOCUMENT, text);
}

await main();
