// The redaction of the package and the page: the table that the native tests use too, and random tokens in random spellings.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { redacted } from "../../src/bindings/redaction.js";

const ALPHABET = "ABCXYZabcxyz0189-._~+/";
const TIMES = 3_000;

test("the cases of the table", () => {
  for (const [text, token, expected] of JSON.parse(readFileSync(new URL("../shared/redaction.json", import.meta.url), "utf8"))) {
    assert.equal(redacted(text, token), expected, `${text} without ${token}`);
  }
});

// A generator of random numbers, which are the same in every run.
let seed = 7;
const below = (limit) => (seed = (seed * 48_271) % 2_147_483_647) % limit;

const tokenOf = (length) => Array.from({ length }, () => ALPHABET[below(ALPHABET.length)]).join("") + "=".repeat(below(3));

/** A character in a random spelling. */
function written(character) {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).padStart(2, "0");
  const ways = [
    character,
    character,
    `\\u00${hex}`,
    `\\u00${hex.toUpperCase()}`,
    `%${hex}`,
    `%${hex.toUpperCase()}`,
    `&#${code};`,
    `&#x${hex};`,
    `&#X000${hex};`,
  ];
  return ways[below(ways.length)];
}

test("a token is removed however its characters are spelled, and the text around it stays", () => {
  for (let time = 0; time < TIMES; time++) {
    const token = tokenOf(16 + below(60));
    const [before, behind] = ["<ä", "%%&amp;\\"];
    assert.equal(redacted(before + [...token].map(written).join("") + behind, token), `${before}[token]${behind}`);
  }
});

test("a token is removed from text that was escaped twice", () => {
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

test("a token is removed from text with nested escapes of different kinds", () => {
  const token = "EwBwA8l6BAAUabcdefAAU+abc/ghij0123456789.-_~x==";
  const hex = (character) => character.charCodeAt(0).toString(16);
  const marks = (as) => token.replace(/[+/=.]/g, as);
  const every = (as) => [...token].map(as).join("");
  const forms = {
    "HTML, escaped twice, in JSON": marks((found) => `\\u0026amp;#${found.charCodeAt(0)};`),
    "names of HTML, escaped twice, in JSON": token.replace("+", "\\u0026amp;plus;"),
    "a URL, escaped twice, in JSON": marks((found) => `\\u002525${hex(found)}`),
    "a URL, escaped many times": marks((found) => `%25252525252525${hex(found)}`),
    "HTML in a URL": marks((found) => `%26%23${found.charCodeAt(0)}%3B`),
    "JSON in a URL": every((found) => `%5Cu00${hex(found)}`),
    "a URL in HTML": marks((found) => `&#37;${hex(found)}`),
    "a URL in HTML, in hexadecimal": marks((found) => `&#x25;${hex(found)}`),
    "a URL in HTML, by its name": marks((found) => `&percnt;${hex(found)}`),
    "JSON in HTML": every((found) => `&#92;u00${hex(found)}`),
    "HTML in HTML": marks((found) => `&#38;#${found.charCodeAt(0)};`),
    "HTML without semicolons": marks((found) => `&#${found.charCodeAt(0)}`),
    "HTML in hexadecimal without semicolons": token.replace(/[.~_]/g, (found) => `&#x${hex(found)}`),
    "other names of HTML": token.replace("_", "&UnderBar;").replace("-", "&dash;"),
  };
  for (const [name, text] of Object.entries(forms)) assert.equal(redacted(`<${text}>`, token), "<[token]>", name);
  // The token is found although the % before it looks like the beginning of an escape.
  assert.equal(redacted("100 %deadbeefdeadbeef0123", "deadbeefdeadbeef0123"), "100 %[token]");
});

test("text without the token stays unchanged, even if it has most of the token", () => {
  for (let time = 0; time < TIMES; time++) {
    const token = tokenOf(16 + below(20));
    const text = `%2B\\${[...token.replace(/=+$/, "").slice(0, -1)].map(written).join("")}`;
    assert.equal(redacted(text, token), text);
  }
});

test("a repetitive token takes no longer", () => {
  const token = `${"a".repeat(2_000)}b`;
  const began = performance.now();
  redacted(`%41${"a".repeat(1_000_000)}`, token);
  assert.ok(performance.now() - began < 10_000);
});

for (const escaped of ["%41", "&amp;", '\\"', "\\n", "\\/", "\\u0041", "%25", "eyJ%"]) {
  test(`thirty megabytes of ${escaped} take neither memory nor long`, () => {
    const token = `eyJ${"aBc.-_9Z".repeat(200)}`;
    const text = `{"x":"${escaped.repeat(30_000_000 / escaped.length)}"}`;
    const before = process.memoryUsage();
    const began = process.cpuUsage();
    assert.equal(redacted(text, token), text);
    const { user, system } = process.cpuUsage(began);
    const after = process.memoryUsage();
    assert.ok(user + system < 8_000_000, `${(user + system) / 1_000} ms`);
    // The engine may flatten the text itself.
    assert.ok(after.rss - before.rss < 150_000_000, `${after.rss - before.rss} bytes`);
  });
}

test("many megabytes are searched quickly", () => {
  const token = tokenOf(2_000);
  const text = `${"%7B&quot;\\u0022".repeat(500_000)}${token}`;
  const began = performance.now();
  assert.ok(redacted(text, token).endsWith("[token]"));
  assert.ok(performance.now() - began < 10_000);
});
