// Starts every npm script: `node scripts/launch.mjs scripts/start.mjs …` checks Node and Rust, prepares the environment, installs the npm
// packages, and then runs the script. Nothing that is imported here needs an npm package.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installNpmPackages } from "./npm-packages.mjs";
import { checkRust } from "./rust.mjs";
import { ROOT, SetUpError } from "./tools.mjs";

// By default these signals end Node without its exit handlers, so that child processes would go on.
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) process.once(signal, () => process.exit(code));

try {
  checkNode();
  tidyEnvironment();
  checkRust();
  await installNpmPackages(ROOT, "npm packages");
  const script = join(ROOT, process.argv[2]);
  process.argv.splice(1, 2, script);
  await import(pathToFileURL(script).href);
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  const isForPeople = error instanceof SetUpError || code?.startsWith("ERR_PARSE_ARGS_");
  console.error(isForPeople ? `\n${message}` : error);
  process.exit(1);
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const least = engines.node.replace(">=", "");
  /** @param {string} version */
  const parts = (version) => version.split(".").map(Number);
  const [[major, minor], [leastMajor, leastMinor]] = [process.versions.node, least].map(parts);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new SetUpError(`Node ${least} or later is needed to build and test this package; this is Node ${process.versions.node}`);
}

/** Removes variables that would only change the output of child processes. */
function tidyEnvironment() {
  // Each child process would warn about a missing file; this process has warned already.
  if (!existsSync(process.env.NODE_EXTRA_CA_CERTS ?? "")) delete process.env.NODE_EXTRA_CA_CERTS;
  // Parsed output must not have colours. Cargo refuses to be quiet and verbose at once.
  for (const name of ["FORCE_COLOR", "CLICOLOR_FORCE", "CARGO_TERM_QUIET", "CARGO_TERM_VERBOSE"]) delete process.env[name];
}
