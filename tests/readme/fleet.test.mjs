// Checks what docs/fleet.md says about outcomes, options and rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matched } from "../../scripts/tools.mjs";
import { read } from "./documents.mjs";

const types = read("js/types/fleet.d.ts");
const page = read("docs/fleet.md");

/** The words in backticks in the first column of the table with this head. */
const firstColumn = (head) => {
  const [, table] = page.split(`\n${head}\n`);
  return [...table.split("\n\n", 1)[0].matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word);
};

test("the outcomes are those of the types and of the client", () => {
  const [, union] = matched(/type DeviceOutcome =([^]*?);\n/, types);
  const declared = [...union.matchAll(/\| "(\w+)"/g)].map(([, outcome]) => outcome);
  assert.deepEqual(firstColumn("| outcome | meaning |"), declared);
  const inClient = [...read("src/machine/fleet/record.rs").matchAll(/\(Outcome::\w+, "(\w+)"\)/g)].map(([, outcome]) => outcome);
  assert.deepEqual(inClient, declared);
});

test("the options are those of the types and of the package", () => {
  const [, members] = matched(/^export interface FleetOptions([^]*?)^}/m, types);
  const declared = [...members.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name).filter((name) => name !== "onProgress");
  assert.deepEqual(firstColumn("| option | default | |"), declared);
  const [, known] = matched(/FLEET_OPTIONS = new Set\(\[\.\.\.OPTIONS, (.*)\]\)/, read("js/fleet/run.js"));
  assert.deepEqual(JSON.parse(`[${known}]`), declared);
});

test("the commands and exit codes are those of the command", () => {
  const command = read("docs/command.md");
  const rows = (head) =>
    [
      ...command
        .split(`\n${head}\n`)[1]
        .split("\n\n", 1)[0]
        .matchAll(/^\| `([^`]+)`/gm),
    ].map(([, word]) => word);
  const [, names] = matched(/@typedef \{("run"[^}]*)\} CommandName/, read("js/cli/program.js"));
  assert.deepEqual(rows("| command | what it does |"), JSON.parse(`[${names.replaceAll(" |", ",")}]`));
  const [, codes] = matched(/EXIT = \{(.*)\};/, read("js/cli/failure.js"));
  assert.deepEqual(
    rows("| exit code | meaning |"),
    [...codes.matchAll(/\d+/g)].map(([code]) => code),
  );
});

test("the figures of the rules are those of the client", () => {
  const constant = (file, name) =>
    Number(matched(new RegExp(`const ${name}: \\w+ = (?:Millis\\()?([\\d_.]+)`), read(file))[1].replaceAll("_", ""));
  const [gate, pause, probe, keeping, search] = ["fleet/gate", "fleet/pause", "fleet/probe", "fleet/keeping", "search"].map(
    (name) => `src/machine/${name}.rs`,
  );
  const percent = (name) => `${Number((100 * constant(gate, name)).toFixed(1))} %`;
  const text = page.replaceAll("\n", " ").replaceAll(/ +/g, " ");
  for (const sentence of [
    `The rate falls to ${percent("DECREASE")}`,
    `recovers by ${percent("RECOVERY")} of the maximum in a second up to ${percent("SAFE")} of the rate`,
    `and by ${percent("PROBING_RECOVERY")} beyond that`,
    `never falls below ${percent("LOWEST")} of the maximum`,
    `${constant(gate, "STARTS_IN_A_ROW") === 2 ? "two of three turns" : "?"} go to starts`,
    `after ${constant(pause, "FIRST_WAIT") / 1000}, 10, 20, 40 and then every ${constant(pause, "LONGEST_WAIT") / 1000} seconds`,
    `takes more than ${constant(keeping, "OLDEST_RECORD") / 1000} seconds`,
    `more than ${constant(keeping, "UNRELIABLE_RECORD") / 1000} seconds four times`,
    `${constant(probe, "MOST_IN_PAUSE") === 8 ? "eight" : "?"} more devices are probes`,
  ])
    assert.ok(text.includes(sentence), sentence);
  assert.equal(constant(keeping, "LONGEST_KEEPING"), 300_000, "within five minutes");
  assert.equal(constant(keeping, "LONGEST_KEEPING_AT_END"), 60_000, "one minute more");
  assert.equal(constant(gate, "UNSTATED_WAIT"), 1_000, "for a second if it has none");
  assert.ok(
    constant(search, "INTERRUPTED_AGE") >= 60_000 && constant(search, "PROOFS") === 2,
    "two complete lists, at least a minute after",
  );
  assert.match(read("fleet/src/options.rs"), /return Ok\(10\.0\)/);
});
