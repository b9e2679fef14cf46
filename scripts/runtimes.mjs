// npm run runtimes: runs the packed package in every runtime and with every tool, and writes the table in docs/runtimes.md.
import { run } from "./run.mjs";

const { code } = await run(process.execPath, ["scripts/test.mjs", "runtimes"], { env: { RUNTIMES_TABLE: "write" } });
process.exitCode = code;
