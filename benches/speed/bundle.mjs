// Bundles a peer as a page would download it: its file with all its imports in one minified module.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} peer @returns {Promise<Uint8Array>} */
export async function bundlePeer(peer) {
  const entry = fileURLToPath(new URL(`peers/${peer === "before" ? "package" : peer}.mjs`, import.meta.url));
  /** @type {import("esbuild").Plugin} */
  const before = {
    name: "before",
    setup: (build) => build.onResolve({ filter: /dist\/index\.js$/ }, () => ({ path: process.env.BENCH_BEFORE })),
  };
  /** @type {import("esbuild").BuildOptions} */
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", legalComments: "none", write: false };
  const { outputFiles = [] } = await build({
    entryPoints: [entry],
    plugins: peer === "before" ? [before] : [],
    logLevel: "warning",
    ...options,
  });
  return outputFiles[0].contents;
}
