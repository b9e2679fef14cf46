// The packed package, as installed from its tarball: what is in it, and what its entries promise before the first call.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { installPackage } from "../shared/customer.mjs";

let folder, files, remove;
before(() => {
  ({ folder, files, remove } = installPackage());
});
after(() => remove?.());

const node = (name, text) => {
  writeFileSync(join(folder, name), text);
  return execFileSync(process.execPath, [name], { cwd: folder, encoding: "utf8" }).trim();
};

test("the tarball holds what is needed, and nothing else", () => {
  assert.deepEqual(files, [
    "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist/index.cjs", "dist/index.js",
    "dist/init.cjs", "dist/init.js", "dist/teams_device_diagnostics.wasm", "dist/workerd.js", "index.d.cts", "index.d.ts",
    "init.d.cts", "init.d.ts", "package.json", "teams_device_diagnostics.wasm.d.cts",
    "teams_device_diagnostics.wasm.d.ts",
  ]);
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
