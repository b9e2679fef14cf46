// The stack of an error names the caller of the call, and the class of an error is named DiagnosticsError, even if a bundler renames
// classes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { build } from "esbuild";
import { ROOT } from "../../scripts/tools.mjs";
import { openSite } from "./site.mjs";
import { described, failures, makeTrap, outerCallerByName } from "./stack-callers.mjs";

const LIMIT = { timeout: 60_000 };
const WAYS = 20;

function assertOfClass(all) {
  assert.equal(all.length, WAYS);
  for (const { name, expected, code, tag, text, inspected, guarded, ...error } of all) {
    assert.deepEqual(
      { code, tag, class: error.class, guarded },
      { code: expected, tag: "[object Error]", class: "DiagnosticsError", guarded: true },
      name,
    );
    assert.match(text, /^DiagnosticsError: \S/, name);
    assert.match(inspected, /^DiagnosticsError: \S/, name);
    assert.match(error.stack, /^DiagnosticsError: \S/, name);
  }
}

function assertNamesCaller({ name, stack }) {
  assert.match(stack, /\binnerCallerByName\b[^]*\bouterCallerByName\b/, `${name}: ${stack}`);
}

/** Bundles an application into one file. */
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents: `import * as api from "teams-device-diagnostics"; ${contents}`, resolveDir: join(ROOT, "tests", "context") },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  return outputFiles[0].text;
}
const IN_PAGE = 'import { failures, makeTrap } from "./stack-callers.mjs"; window.failures = () => failures(api, makeTrap());';

describe("in Node", () => {
  test("every error names its caller", LIMIT, async () => {
    const trap = makeTrap();
    const api = await import("../../pkg/dist/index.js");
    const all = await failures(api, trap, inspect);
    assertOfClass(all);
    all.forEach(assertNamesCaller);
  });

  test("calls at the same time: each error names its own caller", LIMIT, async () => {
    // A copy whose wasm is not loaded yet.
    const { getOperation } = await import("../../pkg/dist/index.js?another");
    async function firstOfTwo() {
      await getOperation("");
    }
    async function secondOfTwo() {
      await getOperation("");
    }
    for (const moment of ["cold", "warm"]) {
      const [first, second] = await Promise.all([firstOfTwo(), secondOfTwo()].map((call) => call.catch((error) => error)));
      assert.match(first.stack, /\bfirstOfTwo\b/, moment);
      assert.doesNotMatch(first.stack, /\bsecondOfTwo\b/, moment);
      assert.match(second.stack, /\bsecondOfTwo\b/, moment);
      assert.doesNotMatch(second.stack, /\bfirstOfTwo\b/, moment);
    }
  });

  test("the error of a call without the init that it needs names the caller", LIMIT, async () => {
    const { getOperation, listOperations, runDiagnostics, waitForOperation } = await import("../../pkg/dist/init.js");
    const calls = [() => getOperation("x"), () => waitForOperation("x"), () => runDiagnostics("t", "d"), () => listOperations("t", "d")];
    for (const call of calls) {
      const error = described(await outerCallerByName(call).catch((error) => error));
      assert.match(error.text, /^DiagnosticsError: The WebAssembly is not loaded/);
      assertNamesCaller({ name: String(call), ...error });
    }
  });

  test("bundled and minified, errors are DiagnosticsErrors", LIMIT, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "bundled-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const contents =
      'import { failures, makeTrap } from "./stack-callers.mjs"; export const fail = (inspect) => failures(api, makeTrap(), inspect);';
    const file = join(folder, "application.mjs");
    writeFileSync(file, await bundled(contents));
    const { fail } = await import(pathToFileURL(file).href);
    assertOfClass(await fail(inspect));
  });
});

describe("in Chromium", () => {
  const csp = "script-src 'self' 'unsafe-inline'";
  const page = (script) => `<!doctype html><script type="module">${script}</script>`;
  let site;
  before(async () => {
    site = await openSite({
      "/": {
        html: page(`import { failures, makeTrap } from "/tests/context/stack-callers.mjs";
          const trap = makeTrap();
          window.failures = async () => failures(await import("/pkg/dist/index.js"), trap);`),
      },
      "/minified": { html: '<!doctype html><script type="module" src="/minified.js"></script>' },
      "/minified.js": { script: await bundled(IN_PAGE) },
      "/forbidden": {
        policy: csp,
        html: page(`import { described, outerCallerByName } from "/tests/context/stack-callers.mjs";
          window.failures = async () => {
            const { getOperation } = await import("/pkg/dist/index.js");
            return [described(await outerCallerByName(() => getOperation("x")).catch((error) => error))];
          };`),
      },
    });
  });
  after(() => site?.close());

  const failuresOf = async (t, path) => {
    const { page } = await site.open(t, path);
    await page.waitForFunction(() => window.failures);
    return page.evaluate(() => window.failures());
  };

  test("every error names its caller", LIMIT, async (t) => {
    const all = await failuresOf(t, "/");
    assertOfClass(all);
    all.forEach(assertNamesCaller);
  });

  test("bundled and minified, errors are DiagnosticsErrors", LIMIT, async (t) => {
    assertOfClass(await failuresOf(t, "/minified"));
  });

  test("the error of a page that may not load wasm names the caller", LIMIT, async (t) => {
    const [error] = await failuresOf(t, "/forbidden");
    assert.match(error.text, /^DiagnosticsError: WebAssembly is not allowed here/);
    assertNamesCaller({ name: "forbidden", ...error });
  });
});
