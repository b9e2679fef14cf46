// npm run runtimes: the job in every runtime and under every tool, from the packed package; writes the table of them in docs/runtimes.md.
import { run } from "./run.mjs";

const { code } = await run(process.execPath, ["scripts/test.mjs", "runtimes"], { env: { RUNTIMES_TABLE: "write" } });
process.exitCode = code;
