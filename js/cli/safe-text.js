// Makes text from elsewhere safe for a terminal: names, notes and messages could contain escape sequences that change what is shown,
// or worse. It also removes access tokens, which must not be in any of them.

// C0 and C1 controls, line separators, and the marks that change the direction of text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be replaced
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/g;
const WHITE_SPACE = /[\t\r\n]+/g;
const JWT = /eyJ[\w-]*(?:\.|%2e)[\w-]*(?:\.|%2e)[\w-]*/gi;

/** The text on one line, without control characters and tokens. @param {string} text */
export const safeText = (text) => withoutTokens(text).replace(WHITE_SPACE, " ").replace(UNSAFE, "\uFFFD");

/** The tokens of this process that do not have the form of a JWT. @type {Set<string>} */
const opaque = new Set();
/** A shorter text may be a word of a message by chance. No service gives such tokens. */
const SHORTEST = 20;

/** Remembers a token, so that it is recognised wherever it appears. @param {string} token */
export function rememberToken(token) {
  if (token !== "" && withoutJwts(token) === token) opaque.add(token);
}

/** @param {string} text */
const withoutJwts = (text) => text.replace(JWT, "[token]");

/** The text without anything that has the form of an access token, or is one of this process. @param {string} text */
export function withoutTokens(text) {
  let safe = withoutJwts(text);
  for (const token of opaque) if (token.length >= SHORTEST) safe = safe.replaceAll(token, "[token]");
  return safe;
}

/** Whether a text has the form of an access token, or is or has one of this process. @param {string} text */
export const looksLikeToken = (text) => opaque.has(text.trim()) || withoutTokens(text) !== text;

/**
 * A copy of a plain value in which every text is safe. An error becomes what its `toJSON` returns.
 *
 * @template T
 * @param {T} value
 * @returns {T}
 */
export const safeCopy = (value) =>
  JSON.parse(JSON.stringify(value), (_, member) => (typeof member === "string" ? safeText(member) : member));

/** One line of NDJSON. It has no control character, also none that JSON allows. @param {unknown} value */
export const jsonLine = (value) =>
  JSON.stringify(value).replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
