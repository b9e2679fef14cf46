// npm run runtimes: the job in every runtime and under every tool, from the packed package; writes the README's table of them.
import { run } from "./run.mjs";

const { code } = await run(process.execPath, ["scripts/test.mjs", "runtimes"], { env: { RUNTIMES_TABLE: "write" } });
process.exitCode = code;
