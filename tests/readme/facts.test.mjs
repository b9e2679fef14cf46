// Checks what the documents say about calls, options, codes, limits, commands and files.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { transformSync } from "esbuild";
import { ROOT, matched } from "../../scripts/tools.mjs";
import { DOCUMENTS, PAGES, read } from "./documents.mjs";

const types = read("js/types/index.d.ts");
const readme = read("README.md");
const contributing = read("CONTRIBUTING.md");
const runtimes = read("docs/runtimes.md");

/** The rows of the table with this head, without the line below the head. */
function rowsOf(markdown, head) {
  const [, table] = markdown.split(`\n${head}\n`);
  assert.ok(table, head);
  return table
    .split(/\n(?!\|)/, 1)[0]
    .split("\n")
    .slice(1);
}

/** The words in backticks in the first column of the table with this head. */
const firstColumn = (markdown, head) => rowsOf(markdown, head).map((row) => matched(/^\| `([^`]+)`/, row)[1]);

const members = (name) => {
  const [, body] = matched(new RegExp(`interface ${name} [^{]*\\{([\\s\\S]*?)\\n\\}`), types);
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member]) => member);
};

test("the calls are those of the types and of the package", async () => {
  const declared = [...types.matchAll(/^export (?:function|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(Object.keys(await import("../../pkg/dist/index.js")).sort(), [...declared].sort());
  const listed = firstColumn(readme, "| call | resolves to |").map((call) => call.replace(/\(.*/, ""));
  assert.deepEqual(
    listed,
    declared.filter((name) => name !== "DiagnosticsError"),
  );
});

test("the options are those of the types", () => {
  const declared = ["RequestOptions", "RunOptions", "GetOptions", "WaitOptions"].flatMap(members);
  assert.deepEqual(firstColumn(readme, "| option | default | |").sort(), declared.sort(), "the table of options in README.md");
});

test("the codes are those of the types and of the client", () => {
  const [, union] = matched(/type DiagnosticsErrorCode =([\s\S]*?);\n\n/, types);
  const declared = [...union.matchAll(/\| "(\w+)"/g)].map(([, code]) => code);
  const client = read("src/protocol/error_code.rs") + read("js/failures.js");
  assert.ok(declared.length > 10);
  for (const code of declared) assert.ok(client.includes(`"${code}"`), code);
  assert.deepEqual(firstColumn(readme, "| code | meaning | what to do |"), declared);
});

test("the fields of an error are those of the types", () => {
  const [, body] = matched(/class DiagnosticsError [^{]*\{([\s\S]*?)\n\}/, types);
  const declared = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  const listed = firstColumn(read("docs/errors.md"), "| field | content |");
  assert.deepEqual(new Set([...listed, "name"]), new Set([...declared, "message"]));
});

test("the events are those of the types", () => {
  const declared = [...types.matchAll(/^ {2}type: "(\w+)";/gm)].map(([, type]) => type);
  assert.deepEqual(firstColumn(read("docs/progress.md"), "| event | when |").sort(), declared.sort());
});

test("the clouds are those of the client", () => {
  const client = read("src/protocol/cloud.rs");
  const rows = rowsOf(read("docs/authentication.md"), "| `cloud` | Graph |");
  const [, union] = matched(/type Cloud =([\s\S]*?);\n\n/, types);
  assert.equal(rows.length, [...union.matchAll(/\| "\w+"/g)].length);
  for (const row of rows) {
    const [, cloud, address] = matched(/^\| `"(\w+)"`.*`(https:[^`]+)` \|$/, row);
    assert.ok(client.includes(`"${cloud}"`) && client.includes(`"${address}/beta"`), row);
  }
});

test("the defaults are those of the client", () => {
  const [, defaults] = matched(/impl Default for Limits \{([\s\S]*?)\n\}/, read("src/machine/state.rs"));
  const fields = [...defaults.matchAll(/^ {12}(\w+): (.+),$/gm)].map(([, field, value]) => [field, value.replace("Millis::ZERO", "0")]);
  // An interval of None is an adaptive one.
  const limits = fields.filter(([, value]) => value !== "None");
  assert.ok(limits.length >= 5);
  for (const [field, value] of limits) {
    const option = field.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
    const limit = Number(matched(/[\d_]+/, value)[0].replaceAll("_", ""));
    const [, row] = matched(new RegExp(`\\| \`${option}\` \\| ([\\d,]+)`), readme);
    assert.equal(Number(row.replaceAll(",", "")), limit, option);
    assert.ok(types.includes(`default ${limit.toLocaleString("en")}`), `${limit} in the types`);
  }
});

test("the limits of what is read are those of the client", () => {
  const limits = read("src/protocol/limits.rs");
  const limit = (name) => {
    const [, number, shift] = matched(new RegExp(`${name}: \\w+ = ([\\d_]+)(?: << (\\d+))?;`), limits);
    // Bytes are given in megabytes.
    return Number(number.replaceAll("_", "")) * (shift === undefined ? 1 : 2 ** (Number(shift) - 20));
  };
  const rows = rowsOf(read("docs/guarantees.md"), "| what | limit |").map((row) =>
    Number(matched(/([\d,]+)[^|\d]*\|$/, row)[1].replaceAll(",", "")),
  );
  const names = ["LONGEST_BODY", "LONGEST_PAGE", "MOST_PAGES", "LONGEST_ARGUMENT", "REMEMBERED_OPERATIONS", "KEPT_TOKENS"];
  assert.deepEqual(rows, names.map(limit));
});

test("the times of retries and polls are those of the client", () => {
  const seconds = (file, name) =>
    Number(matched(new RegExp(`const ${name}: Millis = Millis\\(([\\d_.]+)\\)`), read(file))[1].replaceAll("_", "")) / 1000;
  const words = { 5: "five", 10: "ten", 30: "thirty" };
  const retries = read("docs/retries.md");
  const [retry, judgement, poll] = ["src/protocol/retry.rs", "src/machine/judgement.rs", "src/protocol/poll_interval.rs"];
  assert.ok(retries.includes(`cannot be read means ${words[seconds(retry, "UNREADABLE_WAIT")]} seconds`));
  assert.ok(retries.includes(`exponential with jitter, up to ${seconds(retry, "LONGEST_BACKOFF")} seconds`));
  assert.ok(retries.includes(`gets 404 is retried for ${words[seconds(judgement, "NOT_YET_GRACE")]} seconds`));
  assert.ok(retries.includes(`it is retried for ${words[seconds(judgement, "GONE_GRACE")]} seconds`));
  assert.ok(readme.includes(`[adaptive](docs/polling.md), ${seconds(poll, "SHORTEST")} to ${seconds(poll, "LONGEST")} s`));
  assert.match(read("src/bindings/credential.js"), /RENEW_BEFORE_MS = 120_000/);
  assert.match(read("docs/authentication.md"), /until two minutes before the token expires/);
});

test("the statuses that are retried are those of the client", () => {
  const [, statuses] = matched(
    /matches!\(status, 300\.\.=399 \| ([\d |]+) \| 500 \| 502\.\.=504 \| 506\.\.=599\)/,
    read("src/protocol/retry.rs"),
  );
  assert.ok(read("docs/retries.md").includes(`${statuses.split(" | ").join(", ")}, 5xx except 501 and 505, a redirect`), statuses);
});

test("the bounds of the page, the simulated Graph and the simulation are those in their code", () => {
  const figures = read("tests/page/figures.test.mjs");
  const [, visit, list] = matched(/above (\d+) KB, or (\d+) KB with the package/, read("docs/page.md"));
  assert.ok(figures.includes(`VISIT_BUDGET = ${visit}_000;`) && figures.includes(`LIST_BUDGET = ${list}_000;`));
  const simulator = read("docs/simulator.md").replaceAll("\n", " ");
  assert.ok(simulator.includes("the last 10,000 requests, at most 64 MiB in all and 16 KiB of each body. A body above 1 MiB gets 413"));
  const record = read("simulator/src/record.rs");
  assert.match(record, /REQUESTS_KEPT: usize = 10_000;/);
  assert.match(record, /: usize = 64 (?:\* 1024 \* 1024|<< 20);/);
  assert.match(record, /: usize = 16 (?:\* 1024|<< 10);/);
  assert.match(read("simulator/src/graph.rs"), /BODY_LIMIT: usize = 1024 \* 1024;/);
  assert.match(read("src/bindings/redaction.js"), /SHORTEST_REAL_TOKEN = 16;/);
  assert.match(read("docs/guarantees.md"), /A token under 16 characters/);
  for (const constant of ["SEEDS", "FLEET_SEEDS"]) {
    const [, seeds] = matched(new RegExp(`const ${constant}: u64 = (\\d+_\\d+);`), read("tests/simulation/main.rs"));
    assert.ok(read("docs/simulation.md").includes(`npm test runs ${seeds.replace("_", ",")}`), constant);
  }
});

test("the versions of Node and Rust are those that the commands ask for", () => {
  const { engines } = JSON.parse(read("package.json"));
  const [, node] = matched(/^\| Node \| (\S+) or later/m, contributing);
  assert.equal(engines.node, `>=${node}.0`);
  const [, rust] = matched(/^\| Rust \| (\S+) or later/m, contributing);
  assert.equal(matched(/^rust-version = "(.+)"$/m, read("Cargo.toml"))[1], rust);
  const customers = [
    matched(/programs that use the package need Node (\d+)/, contributing),
    matched(/\*\*Servers\*\*: Node (\d+) or later/, readme),
  ];
  for (const [, customer] of customers) assert.equal(JSON.parse(read("js/package.json")).engines.node, `>=${customer}`);
});

test("the README names every runtime and tool of the table", () => {
  const [, section] = matched(/\n## Runtimes\n([^]*?)\n## /, readme);
  const names = rowsOf(runtimes, "| Environment | Version | How it is loaded | Passed |").map((row) => row.split(" | ")[0].slice(2));
  assert.ok(names.includes("Vite"));
  for (const name of names) assert.ok(name === "Page without a bundler" || section.toLowerCase().includes(name.toLowerCase()), name);
});

/** docs/runtimes.md names the oldest browsers that can read the syntax. Those that have all required features are newer. */
test("the oldest browsers can read the syntax of the package, and older ones cannot", () => {
  const [, ...versions] = matched(/syntax alone needs Chrome (\d+), Firefox (\d+) and Safari ([\d.]+)\./, runtimes);
  const whole = read("pkg/dist/index.js");
  const made = (target) => transformSync(whole, { target, minify: true, logLevel: "silent" }).code;
  const names = ["chrome", "firefox", "safari"];
  assert.equal(made(names.map((name, at) => name + versions[at])), made("esnext"));
  for (const older of ["chrome90", "firefox78", "safari14"]) {
    assert.throws(() => assert.equal(made(older), made("esnext")), older);
  }
  const rows = rowsOf(runtimes, "| | version or later | because of |").map((row) => matched(/\| ([\d.]+) \|/, row)[1]);
  assert.ok(readme.includes(`Chrome and Edge ${rows[0]}, Firefox ${rows[1]}, Safari ${rows[2]}, or later`));
  rows.forEach((version, at) => assert.ok(Number(version) >= Number(versions[at]), names[at]));
  assert.match(whole, /Object\.hasOwn\(/);
});

test("the wasm needs no feature of WebAssembly beyond those of these browsers", () => {
  const features = [
    "bulk-memory",
    "bulk-memory-opt",
    "nontrapping-float-to-int",
    "sign-ext",
    "mutable-globals",
    "multivalue",
    "reference-types",
  ];
  const validates = (names) => {
    const flags = ["--mvp-features", ...names.map((name) => `--enable-${name}`), "-o", "/dev/null"];
    execFileSync(join(ROOT, "node_modules", ".bin", "wasm-opt"), [join(ROOT, "pkg", "dist", "teams_device_diagnostics.wasm"), ...flags], {
      stdio: "pipe",
    });
  };
  validates(features);
  assert.throws(() => validates(features.filter((name) => name !== "reference-types")), /reference types/);
});

test("the types compile with every TypeScript that is named", { timeout: 120_000 }, () => {
  const from = (file) => createRequire(join(ROOT, file)).resolve("typescript/package.json");
  const attw = createRequire(join(ROOT, "package.json")).resolve("@arethetypeswrong/core");
  const compilers = [createRequire(attw).resolve("typescript/package.json"), from("docs/reference/package.json"), from("package.json")];
  const versions = compilers.map((manifest) => matched(/^\d+\.\d+/, JSON.parse(readFileSync(manifest, "utf8")).version)[0]);
  const sentence = `${versions.slice(0, -1).join(", ")} and ${versions.at(-1)}`;
  assert.ok(readme.includes(`the types are tested with ${sentence}`) && runtimes.includes(`tested with TypeScript ${sentence}`), sentence);
  for (const manifest of compilers) {
    execFileSync(process.execPath, [join(dirname(manifest), "bin", "tsc"), "-p", join(ROOT, "tests", "types")], { stdio: "pipe" });
  }
});

test("the sizes are those of the built package, nearly", () => {
  const size = (name) =>
    brotliCompressSync(readFileSync(join(ROOT, "pkg", "dist", name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length / 1000;
  const isNear = (document, sentence, name, most) => {
    const [, said] = sentence.exec(read(document));
    assert.ok(Math.abs(Number(said) - size(name)) <= most, `${document} says ${said} KB of ${name}, which has ${size(name)}`);
  };
  isNear("README.md", /about (\d+) KB with brotli/, "index.js", 0.7);
  isNear("docs/size.md", /or ([\d.]+) KB as the one file/, "index.js", 0.3);
  isNear("docs/size.md", /simulator`, is (\d+) KB as one file/, "simulator.js", 2);
  isNear("CHANGELOG.md", /([\d.]+) KB as one file/, "index.js", 0.3);
  isNear("docs/loading.md", /of ([\d.]+) KB with brotli/, "errors.js", 0.05);
});

test("the commands exist", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const named = [
    ...DOCUMENTS.map(read)
      .join("\n")
      .matchAll(/npm run ([\w:-]+)/g),
  ].map(([, name]) => name);
  for (const name of [...named, "start", "test"]) assert.ok(name in scripts, `npm run ${name}`);
  for (const name of Object.keys(scripts))
    assert.match(contributing, new RegExp(`\`npm (?:run )?${name}(?: |\`)`), `npm run ${name} is described`);
});

test("the suites are those of npm test", () => {
  const [, suites] = matched(/function allSuites\(\) \{([^]*?)\n\}/, read("scripts/test.mjs"));
  const documentation = [
    ...matched(/^export const DOCUMENTATION = \{([^]*?)\n\}/m, read("scripts/docs.mjs"))[1].matchAll(/^ {2}"?([\w-]+)"?: /gm),
  ];
  const existing = [...suites.matchAll(/^ {4}"?([\w-]+)"?: /gm), ...documentation].map(([, name]) => name);
  const cells = rowsOf(contributing, "| suite | what it tests |").map((row) => row.split(" | ")[0]);
  assert.deepEqual(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).sort(), existing.sort());
});

/** The paths in backticks in a text that begin with a folder of this repository. */
const pathsIn = (text) =>
  [...text.matchAll(/`((?:src|js|tests|docs|scripts|simulator|www|fuzz|benches|examples|tools)\/[^`\s]*)`/g)].map(([, path]) => path);

test("the files and folders that the documents name exist", () => {
  for (const document of DOCUMENTS) {
    for (const path of pathsIn(read(document))) assert.ok(existsSync(join(ROOT, path)), `${path} in ${document}`);
  }
});

test("the tables of the simulation have every breakage", () => {
  for (const [heading, folder] of [
    ["Breakage", "tests/simulation"],
    ["Breakage of a fleet", "tests/simulation/fleet"],
  ]) {
    const breakages = JSON.parse(read(`${folder}/breakages.json`));
    const table = rowsOf(read("docs/simulation.md"), `| ${heading} | Seed | What the seed noticed |`);
    assert.deepEqual(
      table.map((row) => row.split(" | ")[0].slice(2)),
      breakages.map(({ what }) => what),
      "npm run simulate -- --breakages writes the table",
    );
  }
});

test("what the steps of a change name is in the files of the step", () => {
  const steps = [...contributing.matchAll(/^\d+\. (?:`[\w./-]+\/|`README\.md)[^]*?(?=\n\d+\. |\n\n)/gm)].map(([step]) => step);
  assert.ok(steps.length > 25, "every step is found");
  for (const step of steps) {
    const files = [...step.matchAll(/`([\w./-]+\.(?:rs|m?js|[cm]?ts|json|md))`/g)].map(([, file]) => file);
    const folder = dirname(files[0]);
    const found = files.map((file) => (existsSync(join(ROOT, file)) ? file : join(folder, file)));
    const whole = found.map(read).join("\n");
    for (const [, name] of step.matchAll(/`([A-Za-z_ ]+)`/g))
      if (!/^npm run/.test(name)) assert.ok(whole.includes(name), `${name} in ${found}`);
  }
});

/** The anchors that GitHub and npm give to headings. */
const anchors = (markdown) =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );

/** The links of a document to files of this repository or to its own headings. */
const linksIn = (markdown) => [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => !/^https?:/.test(link));

test("every link of every document leads to a file, and to a heading in it", () => {
  const leadsNowhere = DOCUMENTS.flatMap((document) =>
    linksIn(read(document))
      .filter((link) => {
        const [path, anchor] = link.split("#");
        const target = path === "" ? document : normalize(join(dirname(document), path));
        if (target.startsWith("..") || !existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && !anchors(read(target)).includes(anchor);
      })
      .map((link) => `${link} in ${document}`),
  );
  assert.deepEqual(leadsNowhere, []);
  assert.ok(linksIn(readme).length > 20);
});

test("the README is published as it is: its links begin at the project's folder, where npm expects them", () => {
  assert.equal(read("pkg/README.md"), readme);
  for (const link of linksIn(readme)) assert.doesNotMatch(link, /^(?:\/|\.)/, link);
  // npm resolves them against this folder of the repository in the manifest.
  assert.equal(JSON.parse(read("js/package.json")).repository?.directory, undefined);
});

test("the README leads to every page and to CONTRIBUTING.md, and is short, as the pages are", () => {
  const links = linksIn(readme).map((link) => link.split("#")[0]);
  for (const document of [...PAGES, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md"]) {
    assert.ok(links.includes(document), document);
  }
  const lines = (document) => read(document).trimEnd().split("\n").length;
  assert.ok(lines("README.md") <= 250);
  for (const page of PAGES) assert.ok(lines(page) <= 200, page);
});
