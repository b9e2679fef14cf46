// The types of the simulated Graph in JavaScript are those of the crate: every member and every variant, and no other.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT, matched } from "../../scripts/tools.mjs";
import { simulateGraph } from "../../pkg/dist/simulator.js";

/** The compiler of the reference, because later ones have no interface for programs. @type {any} */
const ts = createRequire(join(ROOT, "docs", "reference", "package.json"))("typescript");

const DECLARATIONS = readFileSync(join(ROOT, "js", "types", "simulator.d.ts"), "utf8");
const FILES = ["scenario", "fault", "device", "settings", "clock"];
const CRATE = FILES.map((name) => readFileSync(join(ROOT, "simulator", "src", `${name}.rs`), "utf8")).join("\n");
const TENANTS = readFileSync(join(ROOT, "simulator", "src", "tenant.rs"), "utf8");

/** What has another name in JavaScript, and the options that the crate does not know. */
const NAMES = { Device: "SimulatedDevice", Settings: "SimulateGraphOptions" };
const OWN_OPTIONS = ["devices", "tenant", "origin", "now"];
/** What JavaScript receives, and does not write. */
const RESULTS = ["SimulatedGraph", "SimulatedRequest", "SimulatedOperation", "SimulatedTenant"];

/**
 * A type by its name: the texts of its members, or of its variants.
 *
 * @typedef {Record<string, string[]>} Types
 */

/** The types that a crate reads from JSON, as TypeScript would write them. @param {string} rust @returns {Types} */
function ofCrate(rust) {
  const text = rust.replaceAll(/^\s*\/\/.*\n/gm, "");
  const types = [...text.matchAll(/((?:^#\[.*\]\n)+)pub (struct|enum) (\w+) \{\n([^]*?)^\}/gm)].filter(([, traits]) =>
    traits.includes("Deserialize"),
  );
  return Object.fromEntries(
    types.map(([, traits, kind, name, body]) => {
      assert.match(traits, /rename_all = "camelCase"/, name);
      if (kind === "struct") assert.match(traits, /deny_unknown_fields/, name);
      const hasDefaults = /[(, ]default[,)]/.test(traits);
      const items = kind === "struct" ? fields(body, hasDefaults) : variants(body);
      return [name in NAMES ? NAMES[name] : name, items.sort()];
    }),
  );
}

/** @param {string} body @param {boolean} hasDefaults whether every field may be left out */
function fields(body, hasDefaults) {
  const found = [...body.matchAll(/^((?: {4}#\[.*\]\n)*) {4}pub (\w+): (.+),$/gm)];
  assert.equal(found.length, body.match(/^ {4}pub /gm)?.length);
  return found.map(([, traits, field, type]) => {
    const name = /rename = "(\w+)"/.exec(traits)?.[1] ?? field.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
    const isOptional = hasDefaults || /\bdefault\b/.test(traits);
    return `${name}${isOptional ? "?" : ""}: ${ofRust(type)}`;
  });
}

/** @param {string} body */
const variants = (body) =>
  [...body.matchAll(/^ {4}(\w)(\w*)(?:\((.+)\))?,$/gm)].map(([, initial, rest, content]) => {
    const name = initial.toLowerCase() + rest;
    return content ? `{ ${name}: ${ofRust(content)} }` : `"${name}"`;
  });

/** A type of Rust in TypeScript. @param {string} type @returns {string} */
function ofRust(type) {
  const [, generic, inner] = /^(\w+)<(.+)>$/.exec(type) ?? [];
  if (generic === "Option") return [ofRust(inner), "null"].sort().join(" | ");
  if (generic === "Vec") return `(${ofRust(inner)})[]`;
  const [, item, count] = /^\[(\w+); (\d)\]$/.exec(type) ?? [];
  if (item) return `[${Array(Number(count)).fill(ofRust(item)).join(", ")}]`;
  if (type.startsWith("(")) return `[${type.slice(1, -1).split(", ").map(ofRust).join(", ")}]`;
  return (
    { bool: "boolean", String: "string", u16: "number", u32: "number", usize: "number", f64: "number", SignedDuration: "number" }[type] ??
    type
  );
}

/** The types of the declarations. @param {string} text @returns {Types} */
function ofDeclarations(text) {
  const source = ts.createSourceFile("simulator.d.ts", text, ts.ScriptTarget.Latest, true);
  const types = source.statements.filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node));
  return Object.fromEntries(
    types.map((node) => {
      if (ts.isTypeAliasDeclaration(node)) return [node.name.text, partsOf(node.type)];
      const members = node.members.map((member) => {
        const name = member.name?.getText() ?? "[property]";
        return `${name}${member.questionToken ? "?" : ""}: ${member.type ? ofType(member.type) : ""}`;
      });
      return [node.name.text, members.sort()];
    }),
  );
}

/** The members of a union, without undefined, which every optional member may be. */
const partsOf = (type) =>
  (ts.isUnionTypeNode(type) ? [...type.types] : [type])
    .map(ofType)
    .filter((part) => part !== "undefined")
    .sort();

/** A type in the same spelling as that of Rust. @returns {string} */
function ofType(type) {
  if (ts.isUnionTypeNode(type)) return partsOf(type).join(" | ");
  // A list that is only read may be any list.
  if (ts.isTypeOperatorNode(type)) return ofType(type.type);
  if (ts.isParenthesizedTypeNode(type) || ts.isNamedTupleMember(type)) return ofType(type.type);
  if (ts.isArrayTypeNode(type)) return `(${ofType(type.elementType)})[]`;
  if (ts.isTupleTypeNode(type)) return `[${type.elements.map(ofType).join(", ")}]`;
  if (ts.isTypeLiteralNode(type)) return `{ ${type.members.map((member) => `${member.name.getText()}: ${ofType(member.type)}`)} }`;
  return type.getText();
}

/** Fails if the types of a crate are not those of the declarations. @param {string} rust @param {string} declarations */
function compare(rust, declarations) {
  const declared = ofDeclarations(declarations);
  for (const name of [...RESULTS, "SimulatedTenantName"]) {
    assert.ok(declared[name], name);
    delete declared[name];
  }
  const options = declared.SimulateGraphOptions.filter((member) => !OWN_OPTIONS.includes(matched(/\w+/, member)[0]));
  assert.equal(options.length, declared.SimulateGraphOptions.length - OWN_OPTIONS.length);
  assert.deepEqual({ ...declared, SimulateGraphOptions: options }, ofCrate(rust));
}

test("the types have every member and every variant of the crate, with the same types, and no other", () => {
  const crate = ofCrate(CRATE);
  assert.deepEqual(Object.keys(crate).sort(), [
    ...["Dates", "Envelope", "Fault", "FaultBody", "FaultResponse", "LocationForm", "NextLinkForm", "Outcome", "Scenario"],
    ...["SimulateGraphOptions", "SimulatedDevice"],
  ]);
  assert.ok(crate.Scenario.length >= 15 && crate.Fault.includes("{ response: FaultResponse }"));
  compare(CRATE, DECLARATIONS);
});

test("a change on either side alone is noticed", () => {
  /** @param {string} text @param {string | RegExp} from @param {string} to */
  const changed = (text, from, to) => {
    assert.notEqual(text.replace(from, to), text, String(from));
    return text.replace(from, to);
  };
  for (const [from, to] of /** @type {const} */ ([
    ["    pub junk_error: bool,\n", ""],
    ["    pub junk_error: bool,\n", "    pub junk_error: bool,\n    pub more: bool,\n"],
    ["pub junk_error: bool", "pub junk_error: String"],
    ["    HangAfter,\n", ""],
    ["    Bare,\n", "    Bare,\n    Boxed,\n"],
    ["Literal(String)", "Literal"],
    ['rename = "lastSeenMinutes"', 'rename = "lastSeenHours"'],
    ["    #[serde(default)]\n    pub notes", "    pub notes"],
    ["pub enum Outcome {", "pub enum Ending {"],
  ]))
    assert.throws(() => compare(changed(CRATE, from, to), DECLARATIONS), assert.AssertionError, from);
  for (const [from, to] of /** @type {const} */ ([
    [/ {2}junkError.*\n/, ""],
    [/ {2}junkError.*\n/, "junkErrors?: boolean;\n"],
    ['  | "hangAfter"\n', ""],
    ['"wrapped" | "bare"', '"wrapped" | "bare" | "boxed"'],
    [/runningRetryAfter\?: string/, "runningRetryAfter?: number"],
    [/pollFaults\?: \(Fault \| null\)/, "pollFaults?: (Fault)"],
    [/notes\?: string/, "notes: string"],
    ["export interface FaultResponse", "export interface More {}\nexport interface FaultResponse"],
  ]))
    assert.throws(() => compare(CRATE, changed(DECLARATIONS, from, to)), assert.AssertionError, String(from));
});

test("the tenants are those of the crate", async () => {
  const [, texts] = matched(/fn texts[^{]*\{([^]*?)\n {4}\}/, TENANTS);
  const names = [...texts.matchAll(/\(\s*"(\w+)"/g)].map(([, name]) => `"${name}"`);
  const [, all] = matched(/pub enum Tenant \{([^]*?)^\}/m, TENANTS);
  assert.equal(names.length, all.match(/^ {4}\w+,$/gm)?.length);
  const { SimulatedTenantName, SimulatedTenant } = ofDeclarations(DECLARATIONS);
  assert.deepEqual(SimulatedTenantName, [...names].sort());
  const tenants = (await simulateGraph()).tenants();
  assert.deepEqual(
    tenants.map(({ name }) => `"${name}"`),
    names,
  );
  assert.deepEqual(Object.keys(tenants[0]).sort(), SimulatedTenant.map((member) => member.split(":")[0]).sort());
});

test("the members of a simulation are those of the types", async () => {
  const graph = await simulateGraph();
  const declared = ofDeclarations(DECLARATIONS).SimulatedGraph.map((member) => matched(/\w+/, member)[0]);
  const own = Object.getOwnPropertyNames(graph);
  const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(graph)).filter((name) => name !== "constructor");
  assert.deepEqual([...own, ...inherited].sort(), declared.sort());
});
