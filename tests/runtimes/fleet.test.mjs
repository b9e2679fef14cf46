// The entry for many devices, wherever the package is loaded in another way: as a module and by `require` in every server runtime, on
// pages with a strict policy in both browsers, through the bundlers, and in workerd with the wasm compiled beforehand.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PACKAGE } from "../shared/customer.mjs";
import { TELL, installPackageAndServices } from "./installed-package.mjs";
import { NODES, node, program } from "./programs.mjs";

const LIMIT = { timeout: 180_000 };
const ENTRY = `${PACKAGE}/fleet`;
const EXPECTED = "cancelled,failed,successful,successful";

/** @type {Awaited<ReturnType<typeof installPackageAndServices>>} */
let place;
before(async () => {
  place = await installPackageAndServices();
});
after(() => place?.close());

/** The fleet of the job; the sorted outcomes are in `outcomes`. */
const calls = () => `const outcomes = [];
  const devices = ["successful", "failed", "cancelled", "succeeded", "failed"];
  const options = { baseUrl: "${place.baseUrl}", pollInterval: 20, maxRequestsPerSecond: 100 };
  for await (const { outcome } of runDiagnosticsOnDevices("token", devices, options)) outcomes.push(outcome);
  outcomes.sort();`;

/** The text of a script that reports the outcomes. */
const job = ({ from = ENTRY, require = false, tell = "console.log" } = {}) => `
${require ? `const { runDiagnosticsOnDevices } = require("${from}");` : `import { runDiagnosticsOnDevices } from "${from}";`}
const tell = ${tell};
(async () => {
  ${calls()}
  return outcomes.join();
})().then(tell, (error) => tell(String(error)));
`;

for (const major of NODES) {
  const absent = !node(major) && `npm has no Node ${major} for ${process.platform}-${process.arch}`;
  test(`Node ${major}: import and require`, { ...LIMIT, skip: absent }, async () => {
    place.write("fleet.mjs", job());
    place.write("fleet.cjs", job({ require: true }));
    assert.equal(await place.call(/** @type {string} */ (node(major)), "fleet.mjs"), EXPECTED);
    assert.equal(await place.call(/** @type {string} */ (node(major)), "fleet.cjs"), EXPECTED);
  });
}

test("Deno and Bun", LIMIT, async () => {
  place.write("fleet.mjs", job());
  assert.equal(await place.call(program("deno"), "run", "--allow-net", "--allow-read", "fleet.mjs"), EXPECTED);
  assert.equal(await place.call(program("bun"), "fleet.mjs"), EXPECTED);
});

for (const browser of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`a page with a strict policy in ${browser}`, LIMIT, async () => {
    place.write("fleet-page.js", job({ from: `/node_modules/${PACKAGE}/dist/fleet.js`, tell: TELL }));
    assert.equal(await place.page(".", { script: "fleet-page.js", browser }), EXPECTED);
  });
}

test("pages bundled by Vite, webpack and esbuild", LIMIT, async () => {
  place.write("fleet-vite/job.js", job({ tell: TELL }));
  place.write("fleet-vite/index.html", '<!doctype html><script type="module" src="./job.js"></script>');
  await place.call(program("vite"), "build", "fleet-vite");
  assert.equal(await place.page("fleet-vite/dist"), EXPECTED, "Vite");
  place.write("fleet-webpack/job.js", job({ tell: TELL }));
  const webpack = ["--mode", "production", "--entry", "./fleet-webpack/job.js", "--output-path", "fleet-webpack/dist"];
  await place.call(program("webpack"), ...webpack);
  assert.equal(await place.page("fleet-webpack/dist", { script: "main.js", type: "text/javascript" }), EXPECTED, "webpack");
  place.write("fleet-esbuild/job.js", job({ tell: TELL }));
  await place.call(program("esbuild"), "fleet-esbuild/job.js", "--bundle", "--format=iife", "--outfile=fleet-esbuild/iife.js");
  assert.equal(await place.page("fleet-esbuild", { script: "iife.js", type: "text/javascript" }), EXPECTED, "esbuild");
});

test("workerd, with the wasm compiled beforehand", LIMIT, async () => {
  const worker = `import { runDiagnosticsOnDevices } from "${ENTRY}";
export default {
  async fetch() {
    ${calls()}
    return new Response(outcomes.join());
  },
};`;
  assert.equal(await place.inWorkerd("fleet-workerd", worker), EXPECTED);
});

test("both entries in one program have one error class", LIMIT, async () => {
  place.write(
    "both.mjs",
    `import { DiagnosticsError, runDiagnostics } from "${PACKAGE}";
import { DiagnosticsError as Same, runDiagnosticsOnDevices } from "${ENTRY}";
const [one] = [await runDiagnosticsOnDevices("token", ["withdrawn"], { baseUrl: "${place.baseUrl}" }).next()];
const other = await runDiagnostics("token", "withdrawn", { baseUrl: "${place.baseUrl}" }).catch((error) => error);
console.log(DiagnosticsError === Same, one.value.error instanceof DiagnosticsError, other instanceof Same);`,
  );
  assert.equal(await place.call(process.execPath, "both.mjs"), "true true true");
  assert.ok(readdirSync(join(place.folder, "node_modules", PACKAGE, "dist")).includes("fleet-workerd.js"));
});
