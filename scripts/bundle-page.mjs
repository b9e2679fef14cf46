// Bundles the sources of the page in www/src/ into the files beside index.html that a browser loads.
import { join } from "node:path";
import { build } from "esbuild";
import { WWW } from "./page.mjs";
import { ROOT } from "./tools.mjs";

const SOURCES = join(WWW, "src");
/** Each is a bundle of its own. */
const ALONE = ["console.css", "device-files.js", "msal-browser.js", "signed-in.css", "signed-in.js"];
/** The page, and its part about runs, have the rest in common. */
const PARTS = ["main.jsx", "run-page.jsx"];
const SHARED = "shared";

/** The files that a bundle loads when it needs them. */
const SEPARATE = ["errors", "msal-browser", "simulator", "teams-device-diagnostics"].map((name) => `./${name}.js`);

const COMMON = /** @satisfies {import("esbuild").BuildOptions} */ ({
  absWorkingDir: ROOT,
  outdir: WWW,
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

/** @param {string[]} names */
const sources = (names) => names.map((name) => join(SOURCES, name));

export const PAGE_BUILDS = [
  { ...COMMON, entryPoints: sources(ALONE) },
  // Without a hash in the name, index.html can name the file, and no old one stays behind. A second one would be refused as a duplicate.
  { ...COMMON, entryPoints: sources(PARTS), splitting: true, chunkNames: SHARED },
];

export const PAGE_BUNDLES = [...ALONE, ...PARTS, `${SHARED}.js`].map((name) => join(WWW, name.replace(".jsx", ".js")));

/** Writes the files. */
export const bundlePage = () => Promise.all(PAGE_BUILDS.map((options) => build(options)));
