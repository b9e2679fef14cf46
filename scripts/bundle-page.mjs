// Bundles the sources of the page in www/src/ into the files beside index.html that a browser loads.
import { join } from "node:path";
import { build } from "esbuild";
import { WWW } from "./page.mjs";
import { ROOT } from "./tools.mjs";

const SOURCES = join(WWW, "src");
const ENTRIES = ["console.css", "device-files.js", "main.jsx", "msal-browser.js", "signed-in.css", "signed-in.js"];

/** The files that a bundle loads when it needs them. */
const SEPARATE = ["errors", "msal-browser", "simulator", "teams-device-diagnostics"].map((name) => `./${name}.js`);

export const PAGE_BUILD = /** @satisfies {import("esbuild").BuildOptions} */ ({
  absWorkingDir: ROOT,
  outdir: WWW,
  entryPoints: ENTRIES.map((name) => join(SOURCES, name)),
  bundle: true,
  external: SEPARATE,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: "/*! Licences: THIRD-PARTY-NOTICES.md */" },
  logLevel: "warning",
});

export const PAGE_BUNDLES = ENTRIES.map((name) => join(WWW, name.replace(".jsx", ".js")));

/** Writes the files. */
export const bundlePage = () => build(PAGE_BUILD);
