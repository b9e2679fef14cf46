// simulate: what it prints, how it ends, what it refuses, and that it needs nothing but the package.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/tools.mjs";
import { installPackage } from "../shared/customer.mjs";
import { commandFolder, run, start, until } from "./command.mjs";

const TIMEOUT = { timeout: 60_000 };
const ON = /^Simulated Microsoft Graph on (http:\/\/127\.0\.0\.1:\d+)\n$/;

/** The command as it lies in the package, with the server, the simulated Graph and the page beside it. */
const installed = (t) => ({ ...commandFolder(t), program: join(ROOT, "pkg", "dist", "cli.js") });

/** Starts the server on a free port. */
async function serving(t, ...flags) {
  const started = start(installed(t), ["simulate", "--port", "0", ...flags]);
  await until(
    () => ON.test(started.result.stdout),
    () => started.result.stderr,
  );
  const [, origin] = /** @type {RegExpExecArray} */ (ON.exec(started.result.stdout));
  return { ...started, origin };
}

/** Wrong arguments, what the message says, and what it names as the way out. */
const WRONG = [
  [["--port", "65536"], /--port/, /from 0 to 65,535/],
  [["--port", "http"], /--port/, /whole number/],
  [["--pace-ms", "1s"], /--pace-ms/, /whole number/],
  [["--location", "nowhere"], /--location/, /relative, versioned, absolute, quoted/],
  [["--tenant", "large"], /--tenant/, /catalogue, many, empty/],
  [["--requests-per-second", "0"], /--requests-per-second/, /from 1 to/],
  [["--port", "1", "--port", "2"], /--port .*It is given twice/, /once/],
  [["--www", "nowhere"], /--www: nowhere has no index\.html/, /leave --www out/],
  [["room-42"], /too many arguments/, /help simulate explains/],
  [["--devices", "none.json"], /--devices: cannot read none\.json/, /Check its name/],
  [["--devices", "no-json.json"], /--devices: no-json\.json is no JSON/, /Write a list/],
  [["--devices", "no-list.json"], /--devices: no-list\.json is no list/, /Write a list/],
  [
    ["--devices", "wrong.json"],
    /--devices: wrong\.json: \[1\]\.scenario\.outcome: unknown variant `broken`, expected one of/,
    /teams-device-diagnostics\/simulator describe every member/,
  ],
];

test("each wrong argument is refused with exit code 2, by name, with what to do", TIMEOUT, async (t) => {
  const command = installed(t);
  command.write("no-json.json", "room-42");
  command.write("no-list.json", "{}");
  command.write("wrong.json", JSON.stringify([{ id: "a" }, { id: "b", scenario: { outcome: "broken" } }]));
  for (const [args, what, whatToDo] of /** @type {[string[], RegExp, RegExp][]} */ (WRONG)) {
    const { code, stdout, stderr } = await run(
      command,
      ["simulate", ...args, "--port", "0"].slice(0, args[0] === "--port" ? -2 : undefined),
    );
    assert.deepEqual([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, what);
    assert.match(stderr, whatToDo);
  }
});

test("a port in use is an error with the way out", TIMEOUT, async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (other.address());
  const { code, stderr } = await run(installed(t), ["simulate", "--port", String(port)]);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `error: Port ${port} is in use by another program\nChoose another one with --port, or let --port 0 pick a free one.\n`,
  );
});

test("the other commands work against it, and their list of tenants is the model's", TIMEOUT, async (t) => {
  const { origin } = await serving(t, "--pace-ms", "20", "--tenant", "many");
  const { stdout } = await run(commandFolder(t), ["devices", "--base-url", `${origin}/beta`, "--json"]);
  assert.equal(stdout.trim().split("\n").length, 500);
  const { tenant, tenants } = await (await fetch(`${origin}/simulator/tenant`)).json();
  assert.equal(tenant, "many");
  const { stderr } = await run(commandFolder(t), ["simulate", "--tenant", "none"]);
  assert.ok(stderr.includes(`Allowed choices are ${tenants.map(({ name }) => name).join(", ")}.`), stderr);
});

test("it serves every file of the page, with its policy and the sign of a simulated Graph", TIMEOUT, async (t) => {
  const { origin } = await serving(t);
  const page = await fetch(`${origin}/`);
  assert.equal(page.headers.get("x-simulated-graph"), "/beta");
  const html = await page.text();
  assert.equal(html, readFileSync(join(ROOT, "www", "index.html"), "utf8"));
  // The policy is also in the page itself, without what only a header field can say.
  const [, own] = /** @type {RegExpExecArray} */ (/http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html));
  const directives = (text) => text.split(";").map((directive) => directive.trim().replace(/\s+/g, " "));
  const sent = directives(page.headers.get("content-security-policy"));
  for (const directive of directives(own).filter(Boolean)) assert.ok(sent.includes(directive), directive);
  for (const name of [
    "main.js",
    "console.css",
    "favicon.svg",
    "teams-device-diagnostics.js",
    "errors.js",
    "signed-in.html",
    "msal-browser.js",
  ])
    assert.equal((await fetch(`${origin}/${name}`)).status, 200, name);
});

test("a connection stays open while it is idle", TIMEOUT, async (t) => {
  const { origin } = await serving(t);
  const { headers } = await fetch(`${origin}/simulator/tenant`);
  assert.equal(headers.get("keep-alive"), null, "no time after which the server would close it");
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(`${signal} ends it with exit code 0, and nothing is printed`, TIMEOUT, async (t) => {
    const { child, ended, origin } = await serving(t, "--pace-ms", "0");
    fetch(`${origin}/beta/teamwork/devices/start-hang/runDiagnostics`, { method: "POST", headers: { authorization: "Bearer any" } }).catch(
      () => {},
    );
    child.kill(signal);
    assert.deepEqual(await ended, { code: 0, signal: null, stdout: `Simulated Microsoft Graph on ${origin}\n`, stderr: "" });
  });
}

test("it ends with its standard input only if that is wanted", TIMEOUT, async (t) => {
  const kept = await serving(t);
  kept.child.stdin.end();
  const bound = await serving(t, "--exit-with-stdin");
  assert.equal((await fetch(`${kept.origin}/simulator/tenant`)).status, 200);
  bound.child.stdin.end();
  assert.equal((await bound.ended).code, 0);
  assert.equal((await fetch(`${kept.origin}/simulator/tenant`)).status, 200);
});

test("the tarball alone serves Graph and the page", TIMEOUT, async (t) => {
  const { folder, remove } = installPackage();
  t.after(remove);
  const program = join(folder, "node_modules", "teams-device-diagnostics", "dist", "cli.js");
  assert.ok(existsSync(program));
  const started = start({ ...commandFolder(t), program }, ["simulate", "--port", "0"]);
  await until(
    () => ON.test(started.result.stdout),
    () => started.result.stderr,
  );
  const [, origin] = /** @type {RegExpExecArray} */ (ON.exec(started.result.stdout));
  assert.match(await (await fetch(origin)).text(), /<title>/);
  assert.equal((await fetch(`${origin}/beta/teamwork/devices`, { headers: { authorization: "Bearer any" } })).status, 200);
});
