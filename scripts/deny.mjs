// npm run deny: checks the crates against deny.toml. `npm run deny -- advisories` checks for known vulnerabilities instead, with the
// database of RustSec, which it downloads from GitHub.
import { run } from "./run.mjs";
import { setUp } from "./setup.mjs";

const wanted = process.argv.slice(2);
const checks = wanted.length > 0 ? wanted : ["licenses", "bans", "sources"];

await setUp("deny");
process.exitCode = (await run("cargo", ["deny", "--workspace", "--locked", "check", ...checks])).code;
