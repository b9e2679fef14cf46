// The packed package, installed from its tarball: its content, and the behaviour of its entries before the first call.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { CONTENTS, findings, pack } from "../../scripts/pack.mjs";
import { ROOT } from "../../scripts/tools.mjs";
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
  assert.deepEqual(files, CONTENTS);
  // Every file that the manifest refers to, and those beside the entries, are among them.
  const { main, module, types, exports } = JSON.parse(readFileSync(join(ROOT, "js", "package.json"), "utf8"));
  const leaves = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(leaves));
  for (const file of [main, module, types, ...leaves(exports)]) assert.ok(files.includes(file.replace("./", "")), file);
});

test("publint and @arethetypeswrong/cli find nothing in the tarball", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "packed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.deepEqual(await findings(await pack(folder)), []);
});

test("the checks find the problems of a wrong tarball", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "packed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const broken = join(folder, "broken");
  cpSync(join(ROOT, "pkg"), broken, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(broken, "package.json"), "utf8"));
  const { types, default: entry } = manifest.exports["."].require;
  manifest.exports["."].require = { default: entry, types };
  manifest.exports["./init"].require.types = "./init.d.ts";
  manifest.files.push("notes.txt");
  writeFileSync(join(broken, "notes.txt"), "");
  writeFileSync(join(broken, "package.json"), JSON.stringify(manifest));
  const found = (await findings(await pack(folder, broken))).join("\n");
  assert.match(found, /notes\.txt does not belong into the tarball/);
  assert.match(found, /publint: .*types/);
  assert.match(found, /@arethetypeswrong\/cli:[^]*init/);
});

test("every member of the types' unions has a description", () => {
  const lines = readFileSync(join(folder, "node_modules/teams-device-diagnostics/index.d.ts"), "utf8").split("\n");
  const words = lines.flatMap((line, at) => (/^ {2}\| "/.test(line) ? [at] : []));
  assert.ok(words.length > 20);
  for (const at of words) assert.match(lines[at - 1], /\*\/$/, lines[at]);
});

test("importing does nothing; the first calls load once", () => {
  const text = `
    import { watchInstances } from ${JSON.stringify(pathToFileURL(join(ROOT, "tests", "shared", "instances.mjs")))};
    const instances = watchInstances();
    let fetched = 0;
    globalThis.fetch = async () => { fetched++; return new Response("", { status: 404 }); };
    const { getOperation, isDiagnosticsError, DiagnosticsError } = await import("teams-device-diagnostics");
    const before = instances.length + fetched;
    const poll = () => getOperation("/o", { token: "t", maxRetries: 0 }).catch((error) => error);
    const [one, two] = await Promise.all([poll(), poll()]);
    console.log(before, instances.length, fetched, one instanceof DiagnosticsError, isDiagnosticsError(two), one.code);`;
  assert.equal(node("load.mjs", text), "0 1 2 true true notFound");
});

test("the error class and its guard have their own entry without the wasm, and all entries share the class", () => {
  const text = `
    import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const imported = await Promise.all(["", "/init", "/errors", "/fleet"].map((entry) => import("teams-device-diagnostics" + entry)));
    const required = ["", "/init", "/errors", "/fleet"].map((entry) => require("teams-device-diagnostics" + entry));
    const classes = (entries) => new Set(entries.map(({ DiagnosticsError }) => DiagnosticsError)).size;
    const { DiagnosticsError } = imported[2];
    console.log(classes(imported), classes(required), DiagnosticsError.name, Object.keys(imported[2]).sort().join());`;
  assert.equal(node("errors.mjs", text), "1 1 DiagnosticsError DiagnosticsError,isDiagnosticsError");
  for (const name of ["errors.js", "errors.cjs"]) {
    assert.ok(readFileSync(join(folder, "node_modules/teams-device-diagnostics/dist", name)).length < 2_000, name);
  }
});

test("the simulated Graph is an entry of its own: nothing of it is in another file, and nothing of the calls is in it", () => {
  const text = `
    import { createRequire } from "node:module";
    import * as calls from "teams-device-diagnostics";
    import * as imported from "teams-device-diagnostics/simulator";
    const required = createRequire(import.meta.url)("teams-device-diagnostics/simulator");
    const outcome = async ({ simulateGraph }) => {
      const { fetch } = await simulateGraph({ paceMs: 1 });
      const location = await calls.runDiagnostics("t", "successful", { fetch });
      return (await calls.waitForOperation(location, { pollInterval: 1 })).state;
    };
    console.log(Object.keys(imported).join(), Object.keys(required).join(), await outcome(imported), await outcome(required));`;
  assert.equal(node("simulator.mjs", text), "simulateGraph simulateGraph successful successful");
  const dist = join(folder, "node_modules/teams-device-diagnostics/dist");
  // Neither the command nor its page is a part of a portal.
  const scripts = files.filter((file) => /^dist\/(?!cli|page\/).*js$/.test(file)).map((file) => file.slice("dist/".length));
  const holding = (word) => scripts.filter((name) => readFileSync(join(dist, name), "utf8").includes(word));
  assert.deepEqual(holding("simulateGraph"), ["simulator-workerd.js", "simulator.cjs", "simulator.js"]);
  assert.deepEqual(
    holding("runDiagnostics").filter((name) => name.startsWith("simulator")),
    [],
  );
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
