// The packed package in Node and on a page, as installed from its tarball.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inChromium, install, job, simulator } from "./fixture.mjs";

let graph, folder, files;
before(async () => {
  graph = await simulator();
  ({ folder, files } = install());
});
after(() => graph.stop());

const node = (name, text) => {
  writeFileSync(join(folder, name), text);
  return execFileSync(process.execPath, [name], { cwd: folder, encoding: "utf8" }).trim();
};

test("the tarball holds what is needed, and nothing else", () => {
  assert.deepEqual(files, [
    "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist/index.cjs", "dist/index.js",
    "dist/teams_device_diagnostics.wasm", "index.d.cts", "index.d.ts", "package.json",
  ]);
});

test("Node runs the job from an ES module", () => {
  const text = `import { runDiagnostics, waitForOperation } from "teams-device-diagnostics";${job(graph.url)}`;
  assert.equal(node("esm.mjs", text), "Successful");
});

test("Node runs the job from CommonJS", () => {
  const text = `const { runDiagnostics, waitForOperation } = require("teams-device-diagnostics");(async () => {${job(graph.url)}})();`;
  assert.equal(node("common.cjs", text), "Successful");
});

test("a page without a bundler runs the job under a strict Content-Security-Policy", async () => {
  copyFileSync(join(folder, "node_modules/teams-device-diagnostics/dist/index.js"), join(folder, "package.js"));
  writeFileSync(join(folder, "page.js"), `import { runDiagnostics, waitForOperation } from "./package.js";${job(graph.url)}`);
  assert.equal(await inChromium(folder, "page.js"), "Successful");
});

test("where a policy forbids WebAssembly, the error names the directive to add", async () => {
  copyFileSync(join(folder, "node_modules/teams-device-diagnostics/dist/index.js"), join(folder, "package.js"));
  const text = `import { getOperation } from "./package.js";
    await getOperation("/x").catch((error) => console.log(error.message));`;
  writeFileSync(join(folder, "forbidden.js"), text);
  assert.match(await inChromium(folder, "forbidden.js", "default-src 'none'; script-src 'self'; img-src data:"), /'wasm-unsafe-eval'/);
});

test("importing does nothing; the first calls load once", () => {
  const text = `
    let loaded = 0, fetched = 0;
    globalThis.DecompressionStream = class extends DecompressionStream {
      constructor(format) { super(format); loaded++; }
    };
    globalThis.fetch = async () => { fetched++; return new Response("", { status: 404 }); };
    const { getOperation, isDiagnosticsError, DiagnosticsError } = await import("teams-device-diagnostics");
    const before = loaded + fetched;
    const look = () => getOperation("/o", { token: "t", maxRetries: 0 }).catch((error) => error);
    const [one, two] = await Promise.all([look(), look()]);
    console.log(before, loaded, fetched, one instanceof DiagnosticsError, isDiagnosticsError(two), one.code);`;
  assert.equal(node("load.mjs", text), "0 1 2 true true notFound");
});

test("errors of another copy of the package are recognised", () => {
  const text = `
    import { createRequire } from "node:module";
    import { isDiagnosticsError, DiagnosticsError } from "teams-device-diagnostics";
    const { runDiagnostics } = createRequire(import.meta.url)("teams-device-diagnostics");
    const error = await runDiagnostics("", "d").catch((error) => error);
    console.log(error instanceof DiagnosticsError, isDiagnosticsError(error), isDiagnosticsError(new Error()), isDiagnosticsError(null));`;
  assert.equal(node("copies.mjs", text), "false true false false");
});
