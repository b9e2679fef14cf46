// Where the token comes from, that it is sent and shown nowhere else, and what `check` says about it.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startSimulator } from "../simulator/simulator.mjs";
import { commandFolder, jwt, objects, run, start, until } from "./command.mjs";

const TIMEOUT = { timeout: 90_000 };
const HOUR = 3_600;
const now = () => Math.floor(Date.now() / 1_000);

const requests = async (origin) => (await fetch(`${origin}/simulator/requests`)).json();
/** The tokens that the simulated Graph received. */
const received = async (origin) =>
  (await requests(origin)).map(({ headers }) => {
    const [, value] =
      Object.entries(headers)
        .map(([name, text]) => [name, text])
        .find(([name]) => name.toLowerCase() === "authorization") ?? [];
    return String(value).replace(/^Bearer /i, "");
  });

/** A folder with a program `az`, as the only one on the PATH. */
function azureCli(t, body) {
  const folder = mkdtempSync(join(tmpdir(), "az-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "az"), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, "az"), 0o755);
  return `${folder}:/usr/bin:/bin`;
}

/** Installs a stand-in for `@azure/identity` beside the command. */
function installIdentity(command, content) {
  const folder = join(command.home, "node_modules", "@azure", "identity");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "@azure/identity", "type": "module", "exports": "./index.js" }');
  writeFileSync(join(folder, "index.js"), content);
}

test("each token source gives the token that is sent, and none of them shows it", TIMEOUT, async (t) => {
  const { origin } = await startSimulator(t);
  const scope = `${origin}/.default`;
  const az = azureCli(
    t,
    `[ "$*" = "account get-access-token --scope ${scope} --output json" ] && echo '{"accessToken": "token-of-az", "expires_on": ${now() + HOUR}}'`,
  );
  const identity =
    'export class DefaultAzureCredential { async getToken(scopes) { return { token: "token-of-" + scopes[0].length, expiresOnTimestamp: Date.now() + 3600000 }; } }';
  const ways = {
    variable: { env: { GRAPH_TOKEN: "token-of-the-variable" }, token: "token-of-the-variable" },
    file: { args: ["--token-file", "t.txt"], files: { "t.txt": "token-of-the-file\n" }, token: "token-of-the-file" },
    "file of PowerShell": {
      args: ["--token-file", "t.txt"],
      files: { "t.txt": Buffer.from("\uFEFFtoken-of-utf16\r\n", "utf16le") },
      token: "token-of-utf16",
    },
    "standard input": { args: ["--token-file", "-"], input: " token-of-the-input \n", token: "token-of-the-input" },
    "az login": { env: { GRAPH_TOKEN: "", PATH: az }, token: "token-of-az" },
    "@azure/identity": { env: { GRAPH_TOKEN: "", PATH: az }, identity, token: `token-of-${scope.length}` },
    "--auth azure-cli, although there are others": { args: ["--auth", "azure-cli"], env: { PATH: az }, identity, token: "token-of-az" },
  };
  for (const [name, way] of Object.entries(ways)) {
    const { args = [], env = {}, files = {}, identity, input, token } = /** @type {any} */ (way);
    const command = commandFolder(t);
    for (const [file, content] of Object.entries(files)) command.write(file, content);
    if (identity) installIdentity(command, identity);
    await fetch(`${origin}/simulator/reset`, { method: "POST" });
    const { code, stdout, stderr } = await run(command, ["devices", "--base-url", `${origin}/beta`, ...args], { env, input });
    assert.equal(code, 0, `${name}: ${stderr}`);
    assert.deepEqual([...new Set(await received(origin))], [token], name);
    assert.ok(!(stdout + stderr).includes(token), name);
  }
});

test(
  "an opaque token that is given as an id is refused before anything is written or sent, and no part of it is shown",
  TIMEOUT,
  async (t) => {
    const { origin } = await startSimulator(t);
    const opaque = `0.AAA${"opaque-_".repeat(15)}`;
    const longest = `0.BBB${"opaque-_".repeat(150)}`;
    const az = (/** @type {string} */ token) => azureCli(t, `echo '{"accessToken": "${token}", "expires_on": ${now() + HOUR}}'`);
    for (const token of [opaque, longest, "short"]) {
      const command = commandFolder(t);
      command.write("t.txt", `${token}\n`);
      command.write("rooms.csv", `Name,Device Id\nx,${token}\ny,b\n`);
      const sources = [{ env: { GRAPH_TOKEN: token } }, { args: ["--token-file", "t.txt"] }, { env: { GRAPH_TOKEN: "", PATH: az(token) } }];
      for (const { env, args = [] } of /** @type {{ env?: NodeJS.ProcessEnv, args?: string[] }[]} */ (sources)) {
        for (const given of [
          ["run", token, "--state", "s.state"],
          ["run", "--csv", "rooms.csv", "--state", "s.state"],
          ["operations", token],
          ["wait", token],
          ["wait", `/teamwork/devices/a/operations/${token}`],
        ]) {
          // A short word may be a part of a location by chance.
          if (token === "short" && given[1].startsWith("/")) continue;
          const { code, stdout, stderr } = await run(command, [...given, ...args, "--base-url", `${origin}/beta`], { env });
          const name = `${given.join(" ").slice(0, 40)} ${args}`;
          assert.equal(code, 2, `${name}: ${stderr}`);
          if (token === opaque && given[0] !== "wait")
            assert.match(stderr, /an access token was given as a device id\nSet GRAPH_TOKEN/, name);
          if (token !== "short") assert.ok(!(stdout + stderr).includes(token.slice(0, 12)), `${name}: ${stderr}`);
          assert.ok(!existsSync(command.file("s.state")), name);
        }
      }
      const unknown = await run(command, [token], { env: { GRAPH_TOKEN: token } });
      if (token !== "short") assert.ok(!unknown.stderr.includes(token.slice(0, 12)), unknown.stderr);
    }
    assert.deepEqual(await requests(origin), []);
  },
);

test("what az prints instead of a token is in no message", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const prints = (/** @type {string} */ text) => azureCli(t, `cat <<'END'\n${text}\nEND`);
  for (const text of [
    "SECRETTOKEN",
    "",
    "null",
    "5",
    "[]",
    '"SECRETTOKEN"',
    '{"accessToken":"SECRETTOKEN" "x"}',
    '{"accessToken":5,"x":"SECRETTOKEN"}',
    '{"accessToken":"SECRET TOKEN"}',
  ]) {
    const { code, stdout, stderr } = await run(command, ["devices", "--auth", "azure-cli"], { env: { PATH: prints(text) } });
    assert.equal(code, 3, `${text}: ${stderr}`);
    assert.match(stderr, /^error: the Azure CLI gave no token: The Azure CLI printed something else than a token\. See what /, text);
    assert.ok(!/SECRET|Unexpected|destructure/.test(stdout + stderr), stderr);
  }
  const { origin } = await startSimulator(t);
  for (const more of ['"expiresOn":{"toString":5}', '"expires_on":{"valueOf":5}', '"expiresOn":null']) {
    const PATH = prints(`{"accessToken":"token-of-az",${more}}`);
    const { code, stderr } = await run(command, ["devices", "--auth", "azure-cli", "--base-url", `${origin}/beta`], { env: { PATH } });
    assert.equal(code, 0, `${more}: ${stderr}`);
  }
});

test("an odd answer or failure of @azure/identity is no defect", TIMEOUT, async (t) => {
  for (const body of ["return null", "return {}", "return { token: 5 }", "throw null", "throw { toString: 5 }"]) {
    const command = commandFolder(t);
    installIdentity(command, `export class DefaultAzureCredential { async getToken() { ${body}; } }`);
    const { code, stderr } = await run(command, ["devices"], { env: { GRAPH_TOKEN: "" } });
    assert.equal(code, 3, `${body}: ${stderr}`);
    assert.match(stderr, /^error: @azure\/identity gave no token/);
  }
});

test("without a token nothing is sent: exit code 3, and every way to give one", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const service = ["--base-url", `${origin}/beta`];
  const noToken = { GRAPH_TOKEN: "", PATH: "/nowhere" };
  const { code, stderr } = await run(command, ["devices", ...service], { env: noToken });
  assert.equal(code, 3);
  for (const way of ["GRAPH_TOKEN", "--token-file", "@azure/identity", "az login"]) assert.ok(stderr.includes(way), way);
  const cases = [
    [["--token-file", command.write("empty.txt", "\n")], {}, 3, /holds no token/],
    [["--token-file", command.write("bearer.txt", "Bearer abc")], {}, 2, /Leave that word out/],
    [["--token-file", command.write("json.txt", '{ "access_token": "abc" }')], {}, 2, /holds more than a token/],
    [["--token-file", "missing.txt"], {}, 2, /no such file/],
    [["--auth", "azure-identity"], noToken, 3, /npm install @azure\/identity/],
    [["--auth", "azure-cli"], noToken, 3, /not on the PATH/],
    [
      [],
      { GRAPH_TOKEN: "", PATH: azureCli(t, 'echo "ERROR: Please run az login to setup account." >&2; exit 1') },
      3,
      /Please run az login/,
    ],
  ];
  for (const [args, env, expected, message] of /** @type {[string[], NodeJS.ProcessEnv, number, RegExp][]} */ (cases)) {
    const result = await run(command, ["devices", ...service, ...args], { env });
    assert.equal(result.code, expected, result.stderr);
    assert.match(result.stderr, message);
  }
  assert.deepEqual(await requests(origin), []);
});

test("a token that has expired before the command begins is refused at once, wherever it is from", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const service = ["--base-url", `${origin}/beta`];
  const expired = jwt({ aud: origin, exp: now() - 2 * HOUR });
  command.write("t.txt", expired);
  for (const [args, from] of /** @type {[string[], RegExp][]} */ ([
    [["run", "a"], /GRAPH_TOKEN/],
    [["run", "a", "--token-file", "t.txt"], /the file t\.txt/],
    [["wait", `${origin}/beta/teamwork/devices/a/operations/b`], /GRAPH_TOKEN/],
    [["devices"], /GRAPH_TOKEN/],
    [["operations", "a"], /GRAPH_TOKEN/],
  ])) {
    const { code, stdout, stderr } = await run(command, [...args, ...service], { env: { GRAPH_TOKEN: expired } });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /expired 2 h 00 min ago \(\d{4}-\d\d-\d\dT[\d:]+Z\)\nGet a new token.*clock of this computer/);
    assert.match(stderr, from);
    assert.ok(!(stdout + stderr).includes(expired.slice(0, 30)));
  }
  assert.deepEqual(await requests(origin), []);
  const strange = await run(command, ["devices", ...service], { env: { GRAPH_TOKEN: jwt({ aud: origin, exp: -1e20 }) } });
  assert.equal(strange.code, 0, "what cannot be a time says nothing, and Graph decides");
  const fresh = await run(command, ["devices", ...service], { env: { GRAPH_TOKEN: jwt({ aud: origin, exp: now() + HOUR }) } });
  assert.equal(fresh.code, 0, fresh.stderr);
});

test("a token file is read again for each new token", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const devices = command.write("devices.json", JSON.stringify([{ id: "room", scenario: { paceMs: 700 } }]));
  const { origin } = await startSimulator(t, "--devices", devices);
  const file = command.write("token.txt", "first-token-of-the-file");
  const running = start(command, ["run", "room", "--base-url", `${origin}/beta`, "--token-file", file, "--poll-interval", "100ms"], {
    input: "",
  });
  await until(() => running.result.stdout.includes("Queued"));
  command.write("token.txt", "second-token-of-the-file");
  assert.equal((await running.ended).code, 0);
  assert.deepEqual([...new Set(await received(origin))], ["first-token-of-the-file", "second-token-of-the-file"]);
});

test("check says in one line each what the token is fit for, and what to do", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const fit = { aud: origin, exp: now() + HOUR, roles: ["TeamworkDevice.ReadWrite.All"], idtyp: "app", tid: "tenant-1" };
  const az = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
  const user = { ...fit, idtyp: "user", roles: undefined };
  const odd = { toString: 5, valueOf: "x" };
  const cases = [
    [
      fit,
      0,
      [
        /✓ The token is for http/,
        /✓ The token expires in (59 min|1 h)/,
        /✓ It is an application's token.*tenant-1/,
        /✓ It has .*ReadWrite\.All/,
        /✓ .* answers/,
      ],
    ],
    [{ ...user, scp: "User.Read TeamworkDevice.ReadWrite.All" }, 0, [/✓ It is a user's token \(delegated/]],
    [{ ...fit, aud: "00000003-0000-0000-c000-000000000000" }, 0, [/✓ The token is for Microsoft Graph/]],
    [{ ...fit, exp: now() - 60 }, 3, [/✗ The token expired 1 min .* ago\. Get a new one/]],
    [{ ...fit, exp: now() + 120 }, 0, [/! The token expires in [12] min.*--token-file/]],
    [{ ...fit, nbf: now() + HOUR }, 3, [/✗ The token is not valid yet\. Check the clock/]],
    [
      { ...fit, roles: ["TeamworkDevice.Read.All"] },
      3,
      [/✗ It has only TeamworkDevice\.Read\.All.*Grant TeamworkDevice\.ReadWrite\.All as application permission/],
    ],
    [{ ...user, scp: "user_impersonation", appid: az }, 3, [/✗ .*Azure CLI.*az login --service-principal/]],
    [{ ...user, scp: "User.Read" }, 3, [/✗ It has neither.*as delegated permission/]],
    ...[undefined, null, "", { toString: 5 }, 5, [], [null]].map((aud) => [
      { ...fit, aud },
      0,
      [/^! The token does not say which service it is for\. Graph decides\.$/m],
    ]),
    [{ ...fit, aud: ["https://other", `${origin}/`] }, 0, [/✓ The token is for http/]],
    [{ ...fit, aud: ["https://other", "b"] }, 0, [/! The token is for https:\/\/other and b, and requests/]],
    [{ ...fit, tid: odd, idtyp: odd, exp: odd, nbf: odd, appid: odd }, 0, [/The token does not say when/, /permissions\)\n/]],
    [{ ...fit, roles: [odd, null, "TeamworkDevice.ReadWrite.All"], scp: odd }, 0, [/✓ It has .*ReadWrite\.All/]],
    [{ ...fit, roles: odd }, 3, [/✗ It has neither/]],
    [[], 3, [/✗ It has neither/]],
  ];
  for (const [claims, expected, lines] of /** @type {[object, number, RegExp[]][]} */ (cases)) {
    const token = jwt(claims);
    const { code, stdout, stderr } = await run(command, ["check", "--base-url", `${origin}/beta`], { env: { GRAPH_TOKEN: token } });
    assert.equal(code, expected, stdout + stderr);
    for (const line of lines) assert.match(stdout, line);
    assert.ok(!stdout.includes(token.slice(0, 30)));
  }
});

test("check names a token for another cloud, a refused token, a withdrawn API and a service that does not answer", TIMEOUT, async (t) => {
  const command = commandFolder(t);
  const { origin } = await startSimulator(t);
  const service = ["--base-url", `${origin}/beta`, "--max-retries", "0"];
  const ofGlobal = jwt({ aud: "https://graph.microsoft.com", exp: now() + HOUR, roles: ["TeamworkDevice.ReadWrite.All"] });
  const elsewhere = await run(command, ["check", ...service], { env: { GRAPH_TOKEN: ofGlobal } });
  assert.match(elsewhere.stdout, /! The token is for https:\/\/graph\.microsoft\.com, and requests go to http/);
  const opaque = await run(command, ["check", ...service]);
  assert.equal(opaque.code, 0);
  assert.match(opaque.stdout, /! The token is not a JSON Web Token/);
  assert.equal((await run(command, ["check", ...service], { env: { GRAPH_TOKEN: "expired" } })).code, 3);
  assert.equal((await run(command, ["check", ...service], { env: { GRAPH_TOKEN: "no-roles" } })).code, 3);
  await fetch(`${origin}/simulator/tenant?tenant=failing`, { method: "POST" });
  const failing = await run(command, ["check", "--json", ...service]);
  assert.equal(failing.code, 1);
  assert.deepEqual(
    objects(failing.stdout).map(({ type, check, state }) => [type, check, state]),
    [
      ["check", "source", "good"],
      ["check", "claims", "warning"],
      ["check", "api", "bad"],
    ],
  );
  const nobody = await run(command, ["check", "--base-url", "http://127.0.0.1:1/beta", "--max-retries", "0"]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stdout, /✗ .*did not respond/);
});
