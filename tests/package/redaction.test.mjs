// Redaction as the package and the page do it: the table that the native tests have as well, and any token in any spelling.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { redacted } from "../../src/bindings/redaction.js";

const ALPHABET = "ABCXYZabcxyz0189-._~+/";
const TIMES = 3_000;

test("the table holds", () => {
  for (const [text, token, expected] of JSON.parse(readFileSync(new URL("../shared/redaction.json", import.meta.url), "utf8"))) {
    assert.equal(redacted(text, token), expected, `${text} without ${token}`);
  }
});

// The same numbers in every run.
let seed = 7;
const below = (limit) => (seed = (seed * 48_271) % 2_147_483_647) % limit;

const tokenOf = (length) => Array.from({ length }, () => ALPHABET[below(ALPHABET.length)]).join("") + "=".repeat(below(3));

/** A character in one of the ways that there are to write it. */
function written(character) {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).padStart(2, "0");
  const ways = [character, character, `\\u00${hex}`, `\\u00${hex.toUpperCase()}`, `%${hex}`, `%${hex.toUpperCase()}`, `&#${code};`, `&#x${hex};`, `&#X000${hex};`];
  return ways[below(ways.length)];
}

test("a token is gone however each of its characters is written, and what is around it stays", () => {
  for (let time = 0; time < TIMES; time++) {
    const token = tokenOf(16 + below(60));
    const [before, behind] = ["<ä", "%%&amp;\\"];
    assert.equal(redacted(before + [...token].map(written).join("") + behind, token), `${before}[token]${behind}`);
  }
});

test("a token is gone from what was escaped twice", () => {
  const token = tokenOf(40).replace(/=*$/, "+/A==");
  const json = (text) => JSON.stringify(text).slice(1, -1);
  const escapedJson = (text) => text.replace(/[+/=]/g, (found) => `\\u00${found.charCodeAt(0).toString(16)}`);
  const html = (text) => text.replace(/[+/=]/g, (found) => `&#${found.charCodeAt(0)};`);
  const twice = [
    json(escapedJson(token)),
    json(json(escapedJson(token))),
    token.replaceAll("/", "\\\\/"),
    html(token).replaceAll("&", "\\u0026"),
    html(token).replaceAll("&", "&amp;"),
    encodeURIComponent(token).replaceAll("%", "\\u0025"),
    encodeURIComponent(encodeURIComponent(token)),
    token.replace(/=+$/, ""),
  ];
  for (const text of twice) assert.equal(redacted(`<${text}>`, token), "<[token]>", text);
});

test("text without the token stays as it is, also when it has most of it", () => {
  for (let time = 0; time < TIMES; time++) {
    const token = tokenOf(16 + below(20));
    const text = `%2B\\${[...token.replace(/=+$/, "").slice(0, -1)].map(written).join("")}`;
    assert.equal(redacted(text, token), text);
  }
});

test("a token that is like itself everywhere takes no longer", () => {
  const token = `${"a".repeat(2_000)}b`;
  const began = performance.now();
  redacted(`%41${"a".repeat(1_000_000)}`, token);
  assert.ok(performance.now() - began < 10_000);
});

test("many megabytes that may hold it take no time to speak of", () => {
  const token = tokenOf(2_000);
  const text = `${"%7B&quot;\\u0022".repeat(500_000)}${token}`;
  const began = performance.now();
  assert.ok(redacted(text, token).endsWith("[token]"));
  assert.ok(performance.now() - began < 10_000);
});
