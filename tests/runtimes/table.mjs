// The README's table of runtimes, as a run makes it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/tools.mjs";

const README = join(ROOT, "README.md");
const PLACE = /(?<=<!-- runtimes: written by npm run runtimes -->\n)[^]*(?=<!-- \/runtimes -->)/;

/** @param {{ environment: string, version: string, ways: string[], passed: string[] }[]} rows `ways`: how the package is loaded */
export function table(rows) {
  const lines = rows.map(({ environment, version, ways, passed }) =>
    `| ${environment} | ${version} | ${ways.join(", ")} | ${passed.length} of ${ways.length} |`);
  return `| Environment | Version | How it is loaded | Passed |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}

export const tableInReadme = () => PLACE.exec(readFileSync(README, "utf8"))?.[0];

export const writeTable = (text) => writeFileSync(README, readFileSync(README, "utf8").replace(PLACE, () => text));
