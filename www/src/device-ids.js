// Reads device ids from pasted text: lists of ids, sentences with GUIDs in them, and addresses of the Teams admin center.

import { isToken } from "./messages-devices.js";

/** A JSON Web Token. Most of Microsoft's tokens are such. */
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]*/;
const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** What people and programs put around a GUID. */
const AROUND = /^["'`({[<\u2018\u201C\u00AB]+|["'`)}\]>.,:;!?\u2019\u201D\u00BB]+$/g;
/** Ids are any text, but one with other characters, or with a full stop behind it, is a word of a sentence. */
const ID = /^(?!\.{1,2}$)[\w=+.:~-]{0,1023}[\w=+~-]$/;
const LETTERS = /^\p{L}+$/u;
/** So many words of letters alone, separated only by blanks, are a sentence. */
const SENTENCE = 3;

/** @typedef {{ ids: string[], ignored: string[] }} Found in their order, each once */

/**
 * The ids in a text. If it has GUIDs, only these are ids; the rest is what somebody wrote around them.
 *
 * @param {string} text
 * @returns {Found}
 * @throws {Error} with a message for the user if there is an access token in it, which would be shown and exported
 */
export function idsFromText(text) {
  refuseTokens([text]);
  const cells = text
    .replace(/^\uFEFF/, "")
    .split(/[,;\t\r\n]+/)
    .map((cell) => cell.split(/\s+/).filter(Boolean));
  const read = text.search(GUID) >= 0 ? guidsOf : wordsOf;
  const found = cells.map(read);
  return { ids: once(found.flatMap(({ ids }) => ids)), ignored: once(found.flatMap(({ ignored }) => ignored)) };
}

/**
 * Refuses access tokens, without repeating them.
 *
 * @param {string[]} texts
 * @throws {Error} with a message for the user
 */
export function refuseTokens(texts) {
  if (texts.some((text) => TOKEN.test(text))) throw new Error(isToken);
}

/** @param {string[]} words @returns {Found} */
function guidsOf(words) {
  const read = words.map((word) => ({ word, id: guidOf(word.replace(AROUND, "")) }));
  return {
    ids: read.flatMap(({ id }) => id ?? []),
    ignored: read.filter(({ id }) => id === undefined).map(({ word }) => word),
  };
}

/** The GUID that a word is, or that of the device in an address. @param {string} word */
function guidOf(word) {
  // The path of an address leads to the device; the rest of it can name the tenant.
  const place = /^https?:/i.test(word) && URL.canParse(word) ? new URL(word).pathname + new URL(word).hash : word;
  const guids = place.match(GUID) ?? [];
  return place !== word || guids[0]?.length === word.length ? guids.at(-1) : undefined;
}

/** @param {string[]} words @returns {Found} */
function wordsOf(words) {
  const isSentence = words.some((word) => !ID.test(word)) || (words.length >= SENTENCE && words.every((word) => LETTERS.test(word)));
  return isSentence ? { ids: [], ignored: words } : { ids: words, ignored: [] };
}

/** @param {string[]} values */
const once = (values) => [...new Set(values)];
