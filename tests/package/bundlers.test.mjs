// The packed package under the bundlers: none needs an option, none warns, and each bundle does the job.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inChromium, install, job, simulator } from "./fixture.mjs";

let graph, folder, entry;
before(async () => {
  graph = await simulator();
  ({ folder } = install());
  entry = join(folder, "entry.js");
  writeFileSync(entry, `import { runDiagnostics, waitForOperation } from "teams-device-diagnostics";(async () => {${job(graph.url)}})();`);
});
after(() => graph.stop());

test("esbuild, for browsers", async () => {
  const { build } = await import("esbuild");
  const outfile = join(folder, "esbuild", "bundle.js");
  const { warnings } = await build({ entryPoints: [entry], bundle: true, format: "esm", outfile, logLevel: "silent" });
  assert.deepEqual(warnings, []);
  assert.equal(await inChromium(folder, "esbuild/bundle.js"), "Successful");
});

test("esbuild, for Node as CommonJS", async () => {
  const { build } = await import("esbuild");
  const outfile = join(folder, "esbuild-node", "bundle.cjs");
  const { warnings } = await build({ entryPoints: [entry], bundle: true, platform: "node", outfile, logLevel: "silent" });
  assert.deepEqual(warnings, []);
  assert.equal(execFileSync(process.execPath, [outfile], { encoding: "utf8" }).trim(), "Successful");
});

test("Rollup", async () => {
  const { rollup } = await import("rollup");
  const { nodeResolve } = await import("@rollup/plugin-node-resolve");
  const warnings = [];
  const bundle = await rollup({ input: entry, plugins: [nodeResolve()], onwarn: (warning) => warnings.push(warning.message) });
  await bundle.write({ file: join(folder, "rollup", "bundle.js"), format: "es" });
  assert.deepEqual(warnings, []);
  assert.equal(await inChromium(folder, "rollup/bundle.js"), "Successful");
});

test("Vite", async () => {
  const { build } = await import("vite");
  const warnings = [];
  const logger = { info() {}, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
  for (const level of ["warn", "warnOnce", "error"]) logger[level] = (text) => warnings.push(text);
  await build({
    root: folder,
    configFile: false,
    customLogger: logger,
    build: { outDir: "vite", lib: { entry, formats: ["es"], fileName: () => "bundle.js" } },
  });
  assert.deepEqual(warnings, []);
  assert.equal(await inChromium(folder, "vite/bundle.js"), "Successful");
});

test("webpack", async () => {
  const { default: webpack } = await import("webpack");
  const output = { path: join(folder, "webpack"), filename: "bundle.js" };
  const stats = await new Promise((resolve, reject) =>
    webpack({ mode: "production", context: folder, entry, output, performance: false }, (error, stats) => (error ? reject(error) : resolve(stats))));
  const { errors, warnings } = stats.toJson();
  assert.deepEqual([...errors, ...warnings].map(({ message }) => message), []);
  assert.equal(await inChromium(folder, "webpack/bundle.js"), "Successful");
});
