// What the README says of calls, options, codes, commands and files is what there is.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../scripts/tools.mjs";
import { readme } from "./examples.mjs";

const file = (...path) => readFileSync(join(ROOT, ...path), "utf8");
const types = file("js", "types", "index.d.ts");

/** The words in backticks in the first column of the table whose head is this. */
function firstColumn(markdown, head) {
  const [, table] = markdown.split(`\n${head}\n`);
  assert.ok(table, head);
  const rows = table.slice(0, table.search(/\n\n/)).split("\n").slice(1);
  return rows.map((row) => /^\| `([^`]+)`/.exec(row)[1]);
}

const members = (name) => {
  const [, body] = new RegExp(`interface ${name} [^{]*\\{([\\s\\S]*?)\\n\\}`).exec(types);
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member]) => member);
};

test("the calls are those of the types and of the package", async () => {
  const declared = [...types.matchAll(/^export (?:function|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(await import("../../pkg/dist/index.js")).sort(), [...declared].sort());
  const listed = firstColumn(readme, "| call | resolves to |").map((call) => call.replace(/\(.*/, ""));
  assert.deepEqual(listed, declared.filter((name) => name !== "DiagnosticsError"));
});

test("the options are those of the types", () => {
  const declared = ["RequestOptions", "RunOptions", "GetOptions", "WaitOptions"].flatMap(members);
  assert.deepEqual(firstColumn(readme, "| option | default | |").sort(), declared.sort());
});

test("the codes are those of the types and of the client", () => {
  const [, union] = /type DiagnosticsErrorCode =([\s\S]*?);\n\n/.exec(types);
  const declared = [...union.matchAll(/\| "(\w+)"/g)].map(([, code]) => code);
  const client = file("src", "protocol", "error.rs") + file("js", "failures.js");
  assert.ok(declared.length > 10);
  for (const code of declared) assert.ok(client.includes(`"${code}"`), code);
  assert.deepEqual(firstColumn(readme, "| code | meaning | what to do |"), declared);
});

test("the fields of an error are those of the types", () => {
  const [, body] = /class DiagnosticsError [^{]*\{([\s\S]*?)\n\}/.exec(types);
  const declared = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  const [, sentence] = /Every failure is a `DiagnosticsError` with ([\s\S]*?)\./.exec(readme);
  const listed = [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  assert.deepEqual(new Set([...listed, "name"]), new Set([...declared, "message"]));
});

test("the defaults are those of the client", () => {
  const [, defaults] = /impl Default for Limits \{([\s\S]*?)\n\}/.exec(file("src", "machine", "state.rs"));
  const limit = (name) => Number(new RegExp(`\\b${name}: (?:Millis\\()?([\\d_]+)\\b`).exec(defaults)[1].replaceAll("_", ""));
  const [timeout, operationTimeout, tokenTimeout, maxRetries] = ["timeout", "operation_timeout", "token_timeout", "max_retries"].map(limit);
  const value = (option) => Number(new RegExp(`\\| \`${option}\` \\| ([\\d,]+)`).exec(readme)[1].replaceAll(",", ""));
  assert.deepEqual(["timeout", "operationTimeout", "tokenTimeout", "maxRetries"].map(value), [timeout, operationTimeout, tokenTimeout, maxRetries]);
  for (const ms of [timeout, operationTimeout, tokenTimeout]) assert.ok(types.includes(`default ${ms.toLocaleString("en")}`), `${ms} in the types`);
});

test("the versions of Node and Rust are those that the commands ask for", () => {
  const { engines } = JSON.parse(file("package.json"));
  const [, node] = /^\| Node \| (\S+) or later/m.exec(readme);
  assert.equal(engines.node, `>=${node}.0`);
  const [, rust] = /^\| Rust \| (\S+) or later/m.exec(readme);
  assert.equal(/^rust-version = "(.+)"$/m.exec(file("Cargo.toml"))[1], rust);
  const [, customer] = /what uses the package needs Node (\d+)/.exec(readme);
  assert.equal(JSON.parse(file("js", "package.json")).engines.node, `>=${customer}`);
});

test("the commands exist", () => {
  const { scripts } = JSON.parse(file("package.json"));
  const named = [...`${readme}\n${file("examples", "README.md")}`.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
  assert.ok(named.length > 5);
  for (const name of [...named, "start", "test"]) assert.ok(name in scripts, `npm run ${name}`);
});

/** The names that GitHub and npm give to headings. */
const anchors = (markdown) =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(" ", "-"));

test("the links lead somewhere", () => {
  for (const [folder, markdown] of [["", readme], ["examples", file("examples", "README.md")]]) {
    const links = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !link.startsWith("https://"));
    assert.ok(links.length > 0);
    for (const link of links) {
      const [path, anchor] = link.split("#");
      assert.ok(existsSync(join(ROOT, folder, path)), link);
      if (anchor) assert.ok(path === "" && anchors(markdown).includes(anchor), link);
    }
  }
});
