// The simulated Graph in memory, wherever the package is loaded: in every server runtime, on pages with a strict policy in both browsers,
// through the bundlers, in workerd with the wasm compiled beforehand, and behind Mock Service Worker.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PACKAGE } from "../shared/customer.mjs";
import { TELL, installPackageAndServices } from "./installed-package.mjs";
import { NODES, TOOLS_NODE, node, program, version } from "./programs.mjs";

const LIMIT = { timeout: 180_000 };
const ENTRY = `${PACKAGE}/simulator`;
const DIST = `/node_modules/${PACKAGE}/dist`;

/** What servers see: `Date`, and a redirect that is not followed. */
const ON_SERVERS = "successful Date 302 basic";
/** A page sees neither. */
const ON_PAGES = "successful null 0 opaqueredirect";

/** @type {Awaited<ReturnType<typeof installPackageAndServices>>} */
let place;
before(async () => {
  place = await installPackageAndServices();
});
after(() => place?.close());

/** Diagnostics in memory, and what can be seen of a response and of a redirect; the result is in `seen`. */
const CALLS = `const redirect = { id: "moved", scenario: { postFaults: [{ redirect: "https://elsewhere.example" }] } };
  const { fetch } = await simulateGraph({ devices: [{ id: "room" }, redirect], paceMs: 10 });
  const location = await runDiagnostics("token", "room", { fetch });
  const { state } = await waitForOperation(location, { pollInterval: 10 });
  const headers = { authorization: "Bearer token" };
  const polled = await fetch(location, { headers });
  const moved = location.replace(/room.*/, "moved/runDiagnostics");
  const { status, type } = await fetch(moved, { method: "POST", headers, redirect: "manual" });
  const seen = [state, polled.headers.get("date") && "Date", status, type].join(" ").replace("  ", " null ");`;

/** The text of a script that reports what it saw. */
const job = ({ calls = PACKAGE, simulator = ENTRY, require = false, tell = "console.log" } = {}) => {
  const taken = (names, from) => (require ? `const ${names} = require("${from}");` : `import ${names} from "${from}";`);
  return `${taken("{ runDiagnostics, waitForOperation }", calls)}
${taken("{ simulateGraph }", simulator)}
const tell = ${tell};
(async () => {
  ${CALLS}
  return seen;
})().then(tell, (error) => tell(String(error)));
`;
};

for (const major of NODES) {
  const absent = !node(major) && `npm has no Node ${major} for ${process.platform}-${process.arch}`;
  test(`Node ${major}: import and require`, { ...LIMIT, skip: absent }, async () => {
    place.write("simulator.mjs", job());
    place.write("simulator.cjs", job({ require: true }));
    assert.equal(await place.call(/** @type {string} */ (node(major)), "simulator.mjs"), ON_SERVERS);
    assert.equal(await place.call(/** @type {string} */ (node(major)), "simulator.cjs"), ON_SERVERS);
  });
}

test("Deno and Bun", LIMIT, async () => {
  place.write("simulator.mjs", job());
  assert.equal(await place.call(program("deno"), "run", "--allow-read", "simulator.mjs"), ON_SERVERS);
  assert.equal(await place.call(program("bun"), "simulator.mjs"), ON_SERVERS);
});

for (const browser of /** @type {const} */ (["Chromium", "Firefox"])) {
  test(`a page with a strict policy in ${browser}, and its worker`, LIMIT, async () => {
    const files = { calls: `${DIST}/index.js`, simulator: `${DIST}/simulator.js` };
    place.write("simulator-page.js", job({ ...files, tell: TELL }));
    assert.equal(await place.page(".", { script: "simulator-page.js", browser }), ON_PAGES);
    place.write("simulator-worker.js", job({ ...files, tell: "(text) => postMessage(text)" }));
    const worker = 'new Worker("/simulator-worker.js", { type: "module" })';
    place.write("starts-simulator.js", `${worker}.onmessage = ({ data }) => (${TELL})(data);`);
    assert.equal(await place.page(".", { script: "starts-simulator.js", browser }), ON_PAGES);
  });
}

test("pages bundled by Vite, webpack and esbuild", LIMIT, async () => {
  place.write("simulator-vite/job.js", job({ tell: TELL }));
  place.write("simulator-vite/index.html", '<!doctype html><script type="module" src="./job.js"></script>');
  await place.call(program("vite"), "build", "simulator-vite");
  assert.equal(await place.page("simulator-vite/dist"), ON_PAGES, "Vite");
  place.write("simulator-webpack/job.js", job({ tell: TELL }));
  // Two files with a WebAssembly each exceed what webpack recommends for a page.
  const webpack = ["--mode", "production", "--entry", "./simulator-webpack/job.js", "--output-path", "simulator-webpack/dist"];
  await place.call(program("webpack"), ...webpack, "--no-performance");
  assert.equal(await place.page("simulator-webpack/dist", { script: "main.js", type: "text/javascript" }), ON_PAGES, "webpack");
  place.write("simulator-esbuild/job.js", job({ tell: TELL }));
  await place.call(program("esbuild"), "simulator-esbuild/job.js", "--bundle", "--format=iife", "--outfile=simulator-esbuild/iife.js");
  assert.equal(await place.page("simulator-esbuild", { script: "iife.js", type: "text/javascript" }), ON_PAGES, "esbuild");
});

test("Jest and Vitest, where jsdom is a page", LIMIT, async () => {
  const jest = (/** @type {string} */ environment, first = "") => {
    const names = "const { runDiagnostics, waitForOperation }";
    const imports = `${first}${names} = require("${PACKAGE}");\nconst { simulateGraph } = require("${ENTRY}");\n`;
    const expected = environment === "node" ? ON_SERVERS : ON_PAGES;
    place.write(
      `simulator-${environment}/job.test.js`,
      `${imports}test("x", async () => {\n${CALLS}\nexpect(seen).toBe("${expected}");\n});`,
    );
    return place.complete(program("jest"), "--rootDir", `simulator-${environment}`, "--env", environment);
  };
  for (const [environment, first] of [["node"], ["jsdom", 'require("whatwg-fetch");\n'], ["jest-fixed-jsdom"]]) {
    assert.match((await jest(environment, first)).output, /Tests: +1 passed, 1 total/, environment);
  }
  for (const [environment, expected] of [
    ["node", ON_SERVERS],
    ["jsdom", ON_PAGES],
  ]) {
    const folder = `simulator-vitest-${environment}`;
    const imports = `import { expect, test } from "vitest";
import { runDiagnostics, waitForOperation } from "${PACKAGE}";
import { simulateGraph } from "${ENTRY}";\n`;
    place.write(`${folder}/job.test.js`, `${imports}test("x", async () => {\n${CALLS}\nexpect(seen).toBe("${expected}");\n});`);
    const { output } = await place.complete(program("vitest"), "run", "--root", folder, "--environment", environment);
    assert.match(output, /Tests +1 passed \(1\)/, environment);
  }
});

test("workerd, with the wasm compiled beforehand", LIMIT, async () => {
  const worker = `import { simulateGraph } from "${ENTRY}";
export default {
  async fetch() {
    const headers = { authorization: "Bearer token" };
    const graph = await simulateGraph({ devices: [{ id: "moved", scenario: { postFaults: [{ redirect: "https://elsewhere.example" }] } }] });
    const devices = "https://graph.microsoft.com/beta/teamwork/devices";
    const { status } = await graph.fetch(devices + "/moved/runDiagnostics", { method: "POST", headers, redirect: "manual" });
    const started = await graph.fetch(devices + "/moved/runDiagnostics", { method: "POST", headers });
    return new Response([status, started.status, started.headers.has("date")].join());
  },
};`;
  assert.equal(await place.inWorkerd("simulator-workerd", worker), "302,202,true");
});

test(`Mock Service Worker ${version("msw")} answers with it, also where a connection is lost`, LIMIT, async () => {
  place.write(
    "msw.mjs",
    `import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { runDiagnostics, waitForOperation } from "${PACKAGE}";
import { simulateGraph } from "${ENTRY}";
const graph = await simulateGraph({ paceMs: 10 });
const handler = http.all("https://graph.microsoft.com/*", ({ request }) => graph.fetch(request).catch(() => HttpResponse.error()));
const server = setupServer(handler);
server.listen({ onUnhandledRequest: "error" });
const end = async (device) => {
  const location = await runDiagnostics("token", device);
  return (await waitForOperation(location, { pollInterval: 10 })).state;
};
const outcomes = await Promise.all(["successful", "throttled", "poll-reset"].map(end));
console.log(outcomes.join(), await end("failed").catch(({ code }) => code), graph.requests().length > 10);
graph.addDevice({ id: "faulty", scenario: { postFaults: ["reset", "hang", { response: { status: 999 } }, { response: { status: 204 } }] } });
const start = (signal) => {
  const init = { method: "POST", headers: { authorization: "Bearer token" }, signal };
  return fetch("https://graph.microsoft.com/beta/teamwork/devices/faulty/runDiagnostics", init).then(({ status }) => status, ({ name }) => name);
};
const abort = new AbortController();
setTimeout(() => abort.abort(), 200);
console.log(await start(), await start(abort.signal), await start(), await start(), await start());
server.close();`,
  );
  assert.equal(
    await place.call(TOOLS_NODE, "msw.mjs"),
    "successful,successful,successful operationFailed true\nTypeError AbortError 999 204 202",
  );
});
