// Content-Security-Policy in Chromium and Firefox: 'wasm-unsafe-eval' is sufficient, also with Trusted Types, and without it the error says
// so.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "../../scripts/simulator.mjs";
import { installPackage, job } from "../shared/customer.mjs";
import { openInChromium, openInFirefox } from "../sockets/browsers.mjs";
import { TELL, serve } from "./installed-package.mjs";

const ALLOWING =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http://127.0.0.1:*; img-src 'self'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";
const FORBIDDING = ALLOWING.replace(" 'wasm-unsafe-eval'", "");
const WHAT_TO_ADD = /^Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy/;

const DIST = "/node_modules/teams-device-diagnostics/dist";
const WASM = `${DIST}/teams_device_diagnostics.wasm`;
const LIMIT = { timeout: 120_000 };

let folder, remove, graph;
before(async () => {
  ({ folder, remove } = installPackage());
  graph = await startSimulator(["--port", "0", "--pace-ms", "20"]);
  write(
    "watch.js",
    `export const violations = [];
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  violations.push(effectiveDirective + " " + blockedURI);
});`,
  );
});
after(() => {
  graph?.stop();
  remove?.();
});

const write = (name, text) => writeFileSync(join(folder, name), text);

/** Reports an outcome, and the violations of the policy until then. */
const TELL_ALL = `async (outcome) => {
  await new Promise((resolve) => setTimeout(resolve, 200));
  await (${TELL})(JSON.stringify({ outcome, violations }));
}`;

/** Resolves to what a script reported on a page with a policy, and to the reports of the browser. */
async function visit(openIn, policy, script) {
  // Violations are recorded before anything else is loaded.
  write("page.js", `import { violations } from "./watch.js";\n${script}`);
  const { url, told, reports, stop } = await serve(
    folder,
    `${policy}; report-uri /reports`,
    '<script type="module" src="/page.js"></script>',
  );
  try {
    const { close } = await openIn(url);
    return { ...JSON.parse(await told.finally(close)), reports };
  } finally {
    stop();
  }
}

for (const [name, openIn] of Object.entries({ Chromium: openInChromium, Firefox: openInFirefox })) {
  describe(`in ${name}`, () => {
    test("'wasm-unsafe-eval' is enough, and nothing is reported", LIMIT, async () => {
      const script = job(`${graph.url}/beta`, { from: `${DIST}/index.js`, tell: TELL_ALL });
      assert.deepEqual(await visit(openIn, ALLOWING, script), { outcome: "Successful", violations: [], reports: [] });
    });

    test("where WebAssembly is forbidden, the error says what to add", LIMIT, async (t) => {
      const script = `import { getOperation } from "${DIST}/index.js";
import { init } from "${DIST}/init.js";
const attempts = {
  inlined: () => getOperation("/x", { token: "t" }),
  streamed: () => init(fetch("${WASM}")),
  bytes: async () => init((await fetch("${WASM}")).arrayBuffer()),
};
const outcome = {};
for (const [name, attempt] of Object.entries(attempts)) {
  outcome[name] = await attempt().catch(({ code, hint, cause }) => ({ code, hint, cause: String(cause) }));
}
await (${TELL_ALL})(outcome);`;
      const { outcome, violations, reports } = await visit(openIn, FORBIDDING, script);
      assert.deepEqual(Object.keys(outcome), ["inlined", "streamed", "bytes"]);
      for (const { code, hint, cause } of Object.values(outcome)) {
        t.diagnostic(cause);
        assert.equal(code, "wasmForbidden");
        assert.match(hint, WHAT_TO_ADD);
        assert.match(cause, /Error: .*WebAssembly\.compile/, "the browser's own error is kept");
      }
      assert.ok(violations.includes("script-src wasm-eval"), `The watch sees violations: ${violations}`);
      assert.ok(reports.length > 0, "and so do the reports");
    });
  });
}
