// The package is loaded when a button is pressed: with every bundler that splits code, a page downloads only the error class and its guard
// before that. All entries share one error class, however they are loaded.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { pack } from "../../js/wasm-text.js";
import { PACKAGE } from "../shared/customer.mjs";
import { program } from "./programs.mjs";
import { STRICT, installPackageAndServices, serve } from "./installed-package.mjs";

const BUDGET = 1_024;
const LIMIT = { timeout: 180_000 };
const SUCCESS = "Successful";
const FAILURE = "operationFailed, a DiagnosticsError, guarded";

let place, wasm;
before(async () => {
  place = await installPackageAndServices();
  wasm = pack(readFileSync(join(place.folder, "node_modules", PACKAGE, "dist", "teams_device_diagnostics.wasm")));
});
after(() => place?.close());

/** An application with a button; the two arguments import the package. */
const application = (errors, load) => `${errors}
const button = document.querySelector("button");
button.onclick = async () => {
  button.disabled = true;
  const outcomes = [];
  try {
    ${load}
    for (const device of ["successful", "failed"]) {
      const location = await runDiagnostics("token", device, { baseUrl: "${place.baseUrl}" });
      const operation = await waitForOperation(location, { pollInterval: 10 });
      outcomes.push(operation.status);
    }
  } catch (error) {
    const isOfClass = error instanceof DiagnosticsError && "a DiagnosticsError";
    outcomes.push([error.code ?? error, isOfClass, isDiagnosticsError(error) && "guarded"].join(", "));
  }
  document.title = outcomes.join("; ");
};
`;

const withPackage = () =>
  application(
    `import { DiagnosticsError, isDiagnosticsError } from "${PACKAGE}/errors";`,
    `const { runDiagnostics, waitForOperation } = await import("${PACKAGE}");`,
  );

/** The application without the imports, for its own size. */
const withoutPackage = () => application("", "");

/** The application with a chunk of its own. webpack's code for loading chunks is as large as the budget, so it must not count. */
const withOwnChunk = () => application("", 'const { runDiagnostics, waitForOperation } = await import("./own.js");');

const BUTTON = "<!doctype html><button>Run</button>";
const MODULE = `${BUTTON}<script type="module" src="/app.js"></script>`;

/** The bundlers. Each bundles the application of a folder into its dist; `page` is the HTML if the bundler makes none. */
const BUNDLERS = {
  Vite: {
    own: withoutPackage,
    async build(folder) {
      place.write(`${folder}/index.html`, MODULE);
      await place.call(program("vite"), "build", folder);
    },
  },
  webpack: {
    own: withOwnChunk,
    page: `${BUTTON}<script src="/main.js"></script>`,
    build: (folder) =>
      place.call(program("webpack"), "--mode", "production", "--entry", `./${folder}/app.js`, "--output-path", `${folder}/dist`),
  },
  Rollup: {
    own: withoutPackage,
    page: MODULE,
    build: (folder) =>
      place.call(program("rollup"), `./${folder}/app.js`, "--plugin", "node-resolve", "--format", "es", "--dir", `${folder}/dist`),
  },
  esbuild: {
    own: withoutPackage,
    page: MODULE,
    build: (folder) =>
      place.call(program("esbuild"), `${folder}/app.js`, "--bundle", "--splitting", "--format=esm", "--minify", `--outdir=${folder}/dist`),
  },
};

/** Bundles an application and opens it; `see` gets the page, and all scripts that it has downloaded so far. */
async function visit(name, folder, text, see) {
  const { page: html, build } = BUNDLERS[name];
  place.write(`${folder}/app.js`, text);
  place.write(`${folder}/own.js`, "export let runDiagnostics, waitForOperation;");
  await build(folder);
  const { url, stop } = await serve(join(place.folder, folder, "dist"), STRICT, html);
  try {
    return await place.visit(url, async (page) => {
      await page.waitForLoadState("networkidle");
      const addresses = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
      const scripts = [...new Set(addresses)].filter((address) => address.endsWith(".js"));
      return see(page, await Promise.all(scripts.map(async (address) => (await fetch(address)).text())));
    });
  } finally {
    stop();
  }
}

/** The size of scripts, each compressed separately. */
const brotli = (scripts) => scripts.reduce((sum, text) => sum + brotliCompressSync(text).length, 0);

describe("an application that loads the package when its button is pressed", () => {
  for (const [name, { own }] of Object.entries(BUNDLERS)) {
    test(`built by ${name}`, LIMIT, async (t) => {
      const ownBytes = await visit(name, `lazy-own-${name}`, own(), (_, scripts) => brotli(scripts));
      await visit(name, `lazy-${name}`, withPackage(), async (page, scripts) => {
        const bytes = brotli(scripts) - ownBytes;
        t.diagnostic(`${bytes} bytes of brotli before the button is pressed, beside ${ownBytes} of the application's own`);
        assert.ok(scripts.length > 0 && bytes > 0, "everything is counted");
        assert.ok(bytes < BUDGET, `${bytes} bytes`);
        assert.ok(!scripts.join("").includes(wasm.slice(0, 100)), "the wasm is not among it");
        await page.getByRole("button").click();
        await page.waitForFunction(() => document.title !== "");
        assert.equal(await page.title(), `${SUCCESS}; ${FAILURE}`);
      });
    });
  }
});

/** Runs a job in Node that fails, and prints what is known of the error. */
const failing = () => `runDiagnostics("token", "failed", { baseUrl: "${place.baseUrl}" })
  .then((location) => waitForOperation(location, { pollInterval: 10 }))
  .catch((error) => {
    const isOfClass = error instanceof DiagnosticsError && "a DiagnosticsError";
    console.log([error.code ?? error, isOfClass, isDiagnosticsError(error) && "guarded"].join(", "));
  })`;

describe("the class of the entry for errors is the class of the errors", () => {
  for (const entry of [PACKAGE, `${PACKAGE}/init`]) {
    test(`required, with ${entry}`, async () => {
      place.write(
        "class.cjs",
        `const { DiagnosticsError, isDiagnosticsError } = require("${PACKAGE}/errors");
const package = require("${entry}");
const { runDiagnostics, waitForOperation } = package;
console.log(package.DiagnosticsError === DiagnosticsError);
const wasm = require("node:fs").readFileSync(require.resolve("${PACKAGE}/teams_device_diagnostics.wasm"));
Promise.resolve(package.init?.(wasm)).then(() => ${failing()});`,
      );
      assert.equal(await place.call(process.execPath, "class.cjs"), `true\n${FAILURE}`);
    });

    test(`imported, with ${entry}`, async () => {
      place.write(
        "class.mjs",
        `import { readFile } from "node:fs/promises";
import { DiagnosticsError, isDiagnosticsError } from "${PACKAGE}/errors";
const loaded = await import("${entry}");
const { runDiagnostics, waitForOperation } = loaded;
console.log(loaded.DiagnosticsError === DiagnosticsError);
await loaded.init?.(readFile(new URL(import.meta.resolve("${PACKAGE}/teams_device_diagnostics.wasm"))));
${failing()};`,
      );
      assert.equal(await place.call(process.execPath, "class.mjs"), `true\n${FAILURE}`);
    });
  }

  test("the guard recognises errors of both copies, one imported and one required", async () => {
    place.write(
      "copies.mjs",
      `import { createRequire } from "node:module";
import { DiagnosticsError, isDiagnosticsError } from "${PACKAGE}/errors";
const { runDiagnostics, waitForOperation } = createRequire(import.meta.url)("${PACKAGE}");
${failing()};`,
    );
    assert.equal(await place.call(process.execPath, "copies.mjs"), "operationFailed, false, guarded");
  });
});
