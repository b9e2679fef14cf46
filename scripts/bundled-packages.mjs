// The npm packages whose code is in the bundles of the command and of the page.
import { build } from "esbuild";
import { COMMAND_BUILDS } from "./bundle-command.mjs";
import { PAGE_BUILDS } from "./bundle-page.mjs";

/** Their folders, relative to the root. */
export async function bundledPackages() {
  const results = await Promise.all(
    [...COMMAND_BUILDS, ...PAGE_BUILDS].map((options) => build({ ...options, write: false, metafile: true })),
  );
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  return [...new Set(folders)].filter((folder) => folder !== undefined).sort();
}
