// Bundles the parts of MSAL that the page uses into files beside it, because a page cannot import npm packages.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { WWW } from "./page.mjs";
import { ROOT } from "./tools.mjs";

const MSAL = join(ROOT, "node_modules", "@azure", "msal-browser");

const PARTS = [
  {
    name: "msal-browser.js",
    from: "@azure/msal-browser",
    parts: ["CacheLookupPolicy", "InteractionRequiredAuthError", "PublicClientApplication"],
  },
  { name: "msal-redirect-bridge.js", from: "@azure/msal-browser/redirect-bridge", parts: ["broadcastResponseToMainFrame"] },
];

/** The folders of the npm packages that are bundled, relative to the root. */
export const MSAL_PACKAGES = ["@azure/msal-browser", "@azure/msal-common"].map((name) => `node_modules/${name}`);

export const MSAL_FILES = PARTS.map(({ name }) => join(WWW, name));

export async function bundleMsal() {
  const { version } = JSON.parse(await readFile(join(MSAL, "package.json"), "utf8"));
  const licence = await readFile(join(MSAL, "LICENSE"), "utf8");
  for (const { name, from, parts } of PARTS) {
    await build({
      stdin: { contents: `export { ${parts.join(", ")} } from "${from}";`, resolveDir: ROOT },
      outfile: join(WWW, name),
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      legalComments: "none",
      banner: { js: `/*! ${from} ${version}\n\n${licence.trim()}\n*/` },
      logLevel: "warning",
    });
  }
}
