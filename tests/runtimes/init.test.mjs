// The entry with `init`, for applications that serve the wasm themselves: every kind of source, in Node and on a page, and with the
// bundlers that give the file a URL.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pack } from "../../js/wasm-text.js";
import { PACKAGE, job } from "../shared/customer.mjs";
import { program } from "./programs.mjs";
import { TELL, installPackageAndServices } from "./installed-package.mjs";

const DIST = `/node_modules/${PACKAGE}/dist`;
const WASM = `${PACKAGE}/teams_device_diagnostics.wasm`;
const LIMIT = { timeout: 120_000 };

let place;
before(async () => {
  place = await installPackageAndServices();
});
after(() => place?.close());

/** Runs the text of an ES module in Node. */
const node = (text) => {
  place.write("script.mjs", text);
  return place.call(process.execPath, "script.mjs");
};

/** A script for pages that begins with `first`, does the job after an init, and reports the status and `extra`. */
const initialised = (source, { from = `${PACKAGE}/init`, first = "", extra = '""' } = {}) => `${first}
import { init } from "${from}";
await init(${source});
${job(place.baseUrl, { from, tell: `(text) => (${TELL})(text + ${extra})` })}`;

test("the wasm is not in the entry", () => {
  const [inlined, bare] = ["index", "init"].map((name) => readFileSync(join(place.folder, DIST, `${name}.js`), "utf8"));
  const wasm = pack(readFileSync(join(place.folder, DIST, WASM.slice(PACKAGE.length + 1))));
  assert.ok(inlined.includes(wasm));
  assert.ok(!bare.includes(wasm.slice(0, 100)));
});

test("Node gives the bytes, as a promise", async () => {
  const source = `readFile(new URL(import.meta.resolve("${WASM}")))`;
  const text = `import { readFile } from "node:fs/promises";
import { init } from "${PACKAGE}/init";
console.log(await init(${source}));
${job(place.baseUrl, { from: `${PACKAGE}/init` })}`;
  assert.equal(await node(text), "undefined\nSuccessful");
});

test("Node gives a compiled module, in CommonJS", async () => {
  place.write(
    "script.cjs",
    `const { init } = require("${PACKAGE}/init");
const file = require("node:fs").readFileSync(require.resolve("${WASM}"));
init(new WebAssembly.Module(file)).then(() => {
${job(place.baseUrl, { from: `${PACKAGE}/init`, require: true })}
});`,
  );
  assert.equal(await place.call(process.execPath, "script.cjs"), "Successful");
});

test("without init, calls say so; a failed init is forgotten; the first successful one is kept", LIMIT, async () => {
  const printed = await node(`import { readFile } from "node:fs/promises";
import { getOperation, init } from "${PACKAGE}/init";
const say = (what) => what.then((value) => console.log("resolved", value), ({ code, message, hint, cause }) => console.log(code + ": " + (cause ?? message + ". " + hint)));
const getStatus = () => getOperation("/o", { token: "t", fetch: async () => Response.json({ id: "o", status: "Queued" }) }).then(({ id }) => id);
const good = await readFile(new URL(import.meta.resolve("${WASM}")));
const damaged = Uint8Array.from(good);
damaged[9] = 255;
await say(getStatus());
await say(init(damaged));
await say(init(Promise.resolve(new Response("", { status: 404 }))));
await say(init(Promise.reject(new TypeError("offline"))));
await say(getStatus());
const early = getStatus();
const begun = [init(good), init(damaged)];
await say(early);
await Promise.all(begun.map(say));
await say(init(damaged));
await say(getStatus());`);
  const missing =
    "wasmNotLoaded: The WebAssembly is not loaded. Await init(source) first, or import teams-device-diagnostics, which needs no init.";
  const [first, compile, response, own, again, ...rest] = printed.split("\n");
  assert.deepEqual([first, again], [missing, missing]);
  assert.match(compile, /^wasmNotLoaded: CompileError: WebAssembly\.compile\(\)/);
  assert.match(response, /^wasmNotLoaded: Error: The WebAssembly was not fetched: 404/);
  assert.equal(own, "wasmNotLoaded: TypeError: offline");
  assert.deepEqual(rest, [missing, "resolved undefined", "resolved undefined", "resolved undefined", "resolved o"]);
});

test("an error of another class, when an engine refuses the wasm, is recognised", async () => {
  // As in Safari. Node's own fetch is compiled before.
  const printed = await node(`await fetch("data:,");
const refuse = () => { throw new EvalError("Refused to create a WebAssembly object"); };
WebAssembly.compile = async () => refuse();
WebAssembly.Module = class { constructor() { refuse(); } };
const { getOperation } = await import("${PACKAGE}");
await getOperation("/o", { token: "t" }).catch(({ hint, cause }) => console.log(hint, cause.name));`);
  assert.match(printed, /^Add 'wasm-unsafe-eval' to script-src .* EvalError$/);
});

test("a page compiles the wasm while it arrives", LIMIT, async () => {
  place.write(
    "count.js",
    `export const used = [];
for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = (...given) => (used.push(name), original.apply(WebAssembly, given));
}`,
  );
  const first = 'import { used } from "./count.js";';
  const from = `${DIST}/init.js`;
  const file = `${DIST}/teams_device_diagnostics.wasm`;
  const sources = {
    "a response": `fetch("${file}")`,
    "its address": `"${file}"`,
    "its URL": `new URL("${file}", location.href)`,
    "a module": `WebAssembly.compileStreaming(fetch("${file}"))`,
  };
  for (const [what, source] of Object.entries(sources)) {
    place.write("page.js", initialised(source, { from, first, extra: '" " + used' }));
    assert.equal(await place.page(".", { script: "page.js" }), "Successful compileStreaming", what);
  }
  const untyped = `fetch("${file}").then(async (response) => new Response(await response.blob(), { headers: { "content-type": "text/plain" } }))`;
  place.write("page.js", initialised(untyped, { from, first, extra: '" " + used' }));
  assert.equal(await place.page(".", { script: "page.js" }), "Successful compile", "a server that does not know the type");
});

test("Vite gives the file a URL", LIMIT, async () => {
  place.write("vite/index.html", '<!doctype html><script type="module" src="./job.js"></script>');
  place.write("vite/job.js", initialised("wasm", { first: `import wasm from "${WASM}?url";` }));
  await place.call(program("vite"), "build", "vite");
  assert.equal(await place.page("vite/dist"), "Successful");
});

test("webpack gives the file a URL", LIMIT, async () => {
  place.write("webpack/job.mjs", initialised(`new URL("${WASM}", import.meta.url)`));
  await place.call(program("webpack"), "--mode", "production", "--entry", "./webpack/job.mjs", "--output-path", "webpack/dist");
  assert.equal(await place.page("webpack/dist", { script: "main.js", type: "text/javascript" }), "Successful");
});

test("esbuild gives the file a URL, with its loader for files", LIMIT, async () => {
  place.write("esbuild/job.js", initialised("wasm", { first: `import wasm from "${WASM}";` }));
  const args = ["--bundle", "--format=esm", "--loader:.wasm=file", "--public-path=/", "--outdir=esbuild/dist"];
  await place.call(program("esbuild"), "esbuild/job.js", ...args);
  assert.equal(await place.page("esbuild/dist", { script: "job.js" }), "Successful");
});
