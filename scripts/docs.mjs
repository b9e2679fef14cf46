// npm run docs: writes the API reference (TypeDoc) and the reference of the crates (rustdoc). An undocumented name or a broken link is
// an error.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { must } from "./run.mjs";
import { setUp } from "./setup.mjs";
import { ROOT } from "./tools.mjs";

const reference = join(ROOT, "docs", "reference");
/** @param {...string} what */
const rustdoc = (...what) => ({
  program: "cargo",
  args: ["doc", "--no-deps", ...what],
  env: { RUSTDOCFLAGS: "-D warnings" },
});

/**
 * The commands, by suite. The bindings exist only for wasm32.
 *
 * @type {Record<string, { program: string, args: string[], env?: Record<string, string> }>}
 */
export const DOCUMENTATION = {
  reference: { program: "npx", args: ["--prefix", reference, "typedoc", "--options", join(reference, "typedoc.json")] },
  docs: rustdoc("--workspace", "--all-features"),
  "docs-wasm": rustdoc(
    "--lib",
    "-p",
    "teams-device-diagnostics",
    "-p",
    "teams-device-diagnostics-fleet",
    "-p",
    "teams-device-diagnostics-simulator",
    "--target",
    "wasm32-unknown-unknown",
  ),
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp("build");
  for (const { program, args, env } of Object.values(DOCUMENTATION)) await must(program, args, { env });
  const metadata = await must("cargo", ["metadata", "--no-deps", "--format-version", "1"], { quiet: true });
  const { target_directory: target } = JSON.parse(metadata);
  console.log(`\nThe package: ${join(ROOT, "target", "docs", "api", "index.html")}`);
  console.log(`The core: ${join(target, "doc", "teams_device_diagnostics", "index.html")}`);
  console.log(`The bindings: ${join(target, "wasm32-unknown-unknown", "doc", "teams_device_diagnostics", "bindings", "index.html")}`);
}
