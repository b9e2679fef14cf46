// The options that name files, checked together before anything is read or sent.
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { targetOf } from "./durable-file.js";
import { usageError } from "./failure.js";
import { checkReportFile } from "./report.js";
import { reserveStandardInput } from "./text-file.js";

/** @param {{ csv?: string, tokenFile?: string, state?: string, report?: string }} options */
export async function checkFiles({ csv, tokenFile, state, report }) {
  if (tokenFile === "-") reserveStandardInput("--token-file");
  if (csv === "-") reserveStandardInput("--csv");
  await checkDifferent({ "--csv": csv, "--token-file": tokenFile, "--state": state, "--report": report });
  await checkReportFile(report);
}

/** Two options that name one file would destroy what one of them needs. @param {Record<string, string | undefined>} files */
async function checkDifferent(files) {
  /** @type {Map<string, string>} */
  const seen = new Map();
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined || file === "-") continue;
    const path = await realPathOf(file);
    const other = seen.get(path);
    if (other !== undefined) throw usageError(`${other} and ${option} name the same file`, "Use two files.");
    seen.set(path, option);
  }
}

/** The path without any links; of a file that does not exist yet, that of its folder. @param {string} file */
async function realPathOf(file) {
  const target = await targetOf(file).catch(() => file);
  const folder = await realpath(dirname(target)).catch(() => resolve(dirname(target)));
  return join(folder, basename(target));
}
