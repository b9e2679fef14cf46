// The table of runtimes in docs/runtimes.md, from the results of a run.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/tools.mjs";

const DOCUMENT = join(ROOT, "docs", "runtimes.md");
const PLACE = /(?<=<!-- runtimes: written by npm run runtimes -->\n)[^]*(?=<!-- \/runtimes -->)/;

/** @param {{ environment: string, version: string, ways: string[], passed: string[] }[]} rows `ways`: how the package is loaded */
export function table(rows) {
  const lines = rows.map(
    ({ environment, version, ways, passed }) => `| ${environment} | ${version} | ${ways.join(", ")} | ${passed.length} of ${ways.length} |`,
  );
  return `| Environment | Version | How it is loaded | Passed |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}

export const tableInDocs = () => PLACE.exec(readFileSync(DOCUMENT, "utf8"))?.[0];

/** @param {string} text */
export const writeTable = (text) =>
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, "utf8").replace(PLACE, () => text),
  );
