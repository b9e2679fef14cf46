// Every text of the page is in its catalogue (www/src/messages*.js), so that a translation replaces these files, and index.html.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { transformSync } from "esbuild";
import { parseAst } from "rollup/parseAst";
import { WWW } from "../../scripts/page.mjs";

const SOURCES = join(WWW, "src");
const IS_CATALOGUE = /^messages.*\.js$/;

/** These files are code for developers, or show them what was sent. */
const FOR_DEVELOPERS = ["http-log.js", "snippets.js"];

/** Words that no translation changes, by file. */
const ALLOWED = new Map([
  // A name of Microsoft's, and tokens of the simulator, which are typed as they are.
  ["access-view.jsx", ["TeamworkDevice.ReadWrite.All", "expired", "no-roles", "read-only"]],
  // A mistake in index.html, which only a developer sees.
  ["document-parts.js", ["The page has no #"]],
  // The columns of the CSV report are a format: programs, and this page, read them.
  ["report.js", ["Device Id", "Device", "Outcome", "Status", "Code", "Message", "Location", "Started", "Ended"]],
  // Selectors of CSS.
  ["focus.js", ["article, section, dialog"]],
  ["row-box.jsx", ["tr[aria-rowindex]:not(thead tr)"]],
]);

/** The properties of elements that people see or hear. */
const VISIBLE = new Set(["children", "title", "aria-label", "aria-description", "aria-roledescription", "placeholder", "alt", "label"]);
/** Those that only browsers read. */
const HIDDEN = new Set(["class", "aria-describedby", "aria-labelledby", "rel", "accept"]);

const WORD = /\p{L}{2}/u;
const PROSE = /\p{L}{2,}[,.:;]? \p{L}{2,}|^\p{Lu}\p{Ll}+[.…]?$|^\P{L}*\s\p{L}{2,}/u;

/** @typedef {any} Node of the syntax tree */

const isElement = (/** @type {Node} */ { type, callee }) => type === "CallExpression" && /^_?jsxs?$/.test(callee.name);

/**
 * The texts in a syntax tree that should be in the catalogue.
 *
 * @param {Node} node
 * @param {boolean} isVisible whether it is in a property that people see
 * @returns {string[]}
 */
function textsIn(node, isVisible = false) {
  if (Array.isArray(node)) return node.flatMap((member) => textsIn(member, isVisible));
  if (typeof node?.type !== "string" || node.type.startsWith("Import")) return [];
  const pattern = isVisible ? WORD : PROSE;
  if (node.type === "Literal") return typeof node.value === "string" && pattern.test(node.value) ? [node.value] : [];
  if (node.type === "TemplateElement") return pattern.test(node.value.cooked) ? [node.value.cooked] : [];
  if (isElement(node)) return node.arguments[1].properties.flatMap(textsOfProperty);
  // What is compared, and the name of a member, is not shown.
  const rest = node.type === "BinaryExpression" && node.operator !== "+" ? {} : node;
  const inside = isVisible && !/Function|CallExpression|MemberExpression/.test(node.type);
  return Object.values(rest).flatMap((child) => (typeof child === "object" ? textsIn(child, inside) : []));
}

/** @param {Node} property of an element */
function textsOfProperty(property) {
  const name = property.key?.name ?? property.key?.value;
  return HIDDEN.has(name) ? [] : textsIn(property.value ?? property.argument, VISIBLE.has(name));
}

/** @param {string} source @returns {Node} */
const parsed = (source) => parseAst(transformSync(source, { loader: "jsx", jsx: "automatic", jsxImportSource: "preact" }).code);

/** @param {(name: string) => boolean} isMeant */
const sources = (isMeant) =>
  readdirSync(SOURCES)
    .filter((name) => /\.jsx?$/.test(name) && isMeant(name))
    .map((name) => ({ name, source: readFileSync(join(SOURCES, name), "utf8") }));

/** The strings of a file, except those of the export with this name. @param {Node} node @param {string} [exempt] @returns {string[]} */
function strings(node, exempt) {
  if (Array.isArray(node)) return node.flatMap((member) => strings(member, exempt));
  if (typeof node?.type !== "string" || node.type.startsWith("Import")) return [];
  if (node.type === "VariableDeclarator" && node.id.name === exempt) return [];
  if (node.type === "Literal") return [String(node.value)];
  if (node.type === "TemplateElement") return [node.value.cooked];
  return Object.values(node).flatMap((child) => (typeof child === "object" ? strings(child, exempt) : []));
}

describe("the texts of the page", () => {
  test("are all in the catalogue", () => {
    const files = sources((name) => !IS_CATALOGUE.test(name) && !FOR_DEVELOPERS.includes(name));
    const found = files.map(({ name, source }) => /** @type {const} */ ([name, new Set(textsIn(parsed(source)))]));
    const kept = found.filter(([, texts]) => texts.size > 0).map(([name, texts]) => [name, [...texts].sort()]);
    const allowed = [...ALLOWED].map(([name, texts]) => [name, texts.toSorted()]);
    assert.deepEqual(Object.fromEntries(kept), Object.fromEntries(allowed));
  });

  test("are found wherever people see or hear them", () => {
    const found = (/** @type {string} */ source) => textsIn(parsed(source));
    assert.deepEqual(found("<p>text</p>"), ["text"]);
    assert.deepEqual(found(`<p title={isThere ? \`of \${name}\` : 'none'} />`), ["of ", "none"]);
    assert.deepEqual(found("<p>{kind === 'some kind' && <b aria-label='text' class='a tone' />}</p>"), ["text"]);
    assert.deepEqual(found(`store.announced(\`\${number} added.\`)`), [" added."]);
    assert.deepEqual(found("throw new Error('No such device')"), ["No such device"]);
    assert.deepEqual(found("const title = 'Title'"), ["Title"]);
    assert.deepEqual(found("<p title={texts.title}>{texts.of(name)}</p>"), []);
  });

  test("are the words of an administrator, except for the details for support", () => {
    const files = sources((name) => IS_CATALOGUE.test(name));
    const texts = files.flatMap(({ source }) => strings(parsed(source), "SUPPORT"));
    assert.ok(texts.length > 300, `${texts.length} texts`);
    const technical = /waitForOperation|options\.|connect-src|\bcause\b|Location as|Retry-After|\bHTTP [1-5]/;
    assert.deepEqual(
      texts.filter((text) => technical.test(text)),
      [],
    );
  });
});
