// Removes an access token from what a service sent, in every spelling. The page uses this for its own record of requests too.

export const MARK = "[token]";

// Tokens for Graph have hundreds of characters. A shorter token than this is a test's, and could be a part of an ordinary word.
const SHORTEST_REAL_TOKEN = 16;

/** The characters of tokens and of escapes that have a named character reference in HTML. */
const NAMED = new Map(
  Object.entries({
    plus: "+",
    sol: "/",
    equals: "=",
    period: ".",
    lowbar: "_",
    UnderBar: "_",
    hyphen: "-",
    dash: "-",
    percnt: "%",
    amp: "&",
    num: "#",
    semi: ";",
    bsol: "\\",
  }).map(([name, character]) => [name, character.charCodeAt(0)]),
);

/** A numeric character reference of HTML, without the `&` and `;` around it. */
const NUMBERED = /^#(?:x0*([\da-f]{2})|0*(\d{2,3}))$/i;
/** The length of the longest escape that is undone. */
const LONGEST_ESCAPE = 13;

/** @typedef {[from: number, to: number, padding: number]} Place where the token is in a text, and the number of `=` at its end */

/**
 * The text without the token. A token under 16 characters, as tests use them, is removed only where it is a whole value.
 *
 * @param {string} text
 * @param {string} token not empty
 */
export function redacted(text, token) {
  // Some services leave out the padding.
  const core = token.replace(/=+$/, "");
  const padding = token.length - core.length;
  const isShort = token.length < SHORTEST_REAL_TOKEN;
  for (const find of [escapedPlaces, plainPlaces]) {
    let rest = "";
    let kept = 0;
    for (const [from, to, found] of find(text, core, padding)) {
      if (isShort && !(found === padding && isWholeValue(text, from, to))) continue;
      rest += text.slice(kept, from) + MARK;
      kept = to;
    }
    text = rest + text.slice(kept);
  }
  return text;
}

/** @param {string} text @param {string} core @param {number} longest @returns {Place[]} */
function plainPlaces(text, core, longest) {
  /** @type {Place[]} */
  const places = [];
  for (let from = text.indexOf(core); from >= 0; from = text.indexOf(core, from)) {
    const begin = from;
    from += core.length;
    const end = from + longest;
    while (from < end && text[from] === "=") from += 1;
    places.push([begin, from, from - begin - core.length]);
  }
  return places;
}

/**
 * The places where the token is at least partly escaped. Only words that contain an escape and are long enough are searched.
 *
 * @param {string} text @param {string} core @param {number} longest
 * @returns {Place[]}
 */
function escapedPlaces(text, core, longest) {
  /** @type {Place[]} */
  const places = [];
  const escapes = /[\\%&]/g;
  /** @type {ReturnType<typeof decoder> | undefined} */
  let decode;
  let to = 0;
  for (let found = escapes.exec(text); found; found = escapes.exec(text)) {
    let from = found.index;
    while (from > to && isOfWord(text.charCodeAt(from - 1))) from -= 1;
    for (to = found.index; to < text.length && isOfWord(text.charCodeAt(to)); ) to += 1;
    if (to - from >= core.length) {
      decode ??= decoder(text, matcher(places, core, longest));
      decode(from, to);
    }
    escapes.lastIndex = to;
  }
  return places;
}

// Whether a character can be a part of a token or an escape, by its code.
const OF_WORD = Array.from({ length: 128 }, (_, code) => /[\w\-.~+/=%&#;\\]/.test(String.fromCharCode(code)));
const isOfWord = (/** @type {number} */ code) => OF_WORD[code] === true;

// The value of each hexadecimal digit, by its code; NaN for anything else.
const HEX = Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16));
const [PERCENT, AMPERSAND, NUMBER_SIGN, ZERO, SEMICOLON, EQUALS, BACKSLASH, U] = [..."%&#0;=\\u"].map((text) => text.charCodeAt(0));

const KEPT = 1_024;

/**
 * Undoes the escapes of words, including nested ones. At most `KEPT` characters are in memory, however long a word is.
 *
 * @param {string} text @param {(code: number, start: number) => void} take receives the characters, and 0 after each word
 */
function decoder(text, take) {
  // The characters that may still be a part of an escape, and where each begins in the text.
  const codes = new Uint16Array(KEPT);
  const starts = new Uint32Array(KEPT);
  let length = 0;
  // The number of characters since the last `&`.
  let ampersand = 0;

  const push = (/** @type {number} */ code, /** @type {number} */ start) => {
    if (length > 0 && codes[length - 1] === BACKSLASH) {
      if (code === BACKSLASH) return;
      // A backslash that does not begin \uXXXX is dropped.
      if (code !== U) start = starts[--length];
    }
    codes[length] = code;
    starts[length++] = start;
    ampersand++;
    if (length > 2 && codes[length - 3] === PERCENT) undo(3);
    else if (length > 5 && codes[length - 6] === BACKSLASH && codes[length - 5] === U) undo(6);
    else if (ampersand > 2 && ampersand < LONGEST_ESCAPE) undoHtml();
    if (code === AMPERSAND) ampersand = 0;
  };

  /** Undoes an escape that ends in two hexadecimal digits. @param {number} count its length */
  const undo = (count) => {
    const value = HEX[codes[length - 2]] * 16 + HEX[codes[length - 1]];
    const isAscii = count === 3 || (codes[length - 4] === ZERO && codes[length - 3] === ZERO);
    if (value >= 0 && isAscii) replace(count, value);
  };

  const undoHtml = () => {
    const last = codes[length - 1];
    const begin = length - ampersand;
    const isNumber = codes[begin] === NUMBER_SIGN;
    // The character that follows a number may itself be escaped.
    if (last !== SEMICOLON && !(isNumber && last !== PERCENT && last !== BACKSLASH)) return;
    let name = "";
    for (let at = begin; at < length - 1; at++) name += String.fromCharCode(codes[at]);
    const [, hex, decimal] = (isNumber && NUMBERED.exec(name)) || [];
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : NAMED.get(name);
    if (code === undefined) return;
    if (last === SEMICOLON) {
      replace(ampersand + 1, code);
    } else if (!(HEX[last] < (hex ? 16 : 10))) {
      // Browsers accept a number without the semicolon.
      const start = starts[--length];
      replace(ampersand--, code);
      push(last, start);
    }
  };

  /** Replaces the last characters by one. @param {number} count @param {number} code */
  const replace = (count, code) => {
    length -= count;
    ampersand = ampersand >= count ? ampersand - count : LONGEST_ESCAPE;
    push(code, starts[length]);
  };

  /** Passes on the first characters, which cannot be a part of an escape any more. @param {number} count */
  const decide = (count) => {
    for (let at = 0; at < count; at++) take(codes[at], starts[at]);
    codes.copyWithin(0, count);
    starts.copyWithin(0, count);
    length -= count;
  };

  return (/** @type {number} */ from, /** @type {number} */ to) => {
    ampersand = LONGEST_ESCAPE;
    for (let at = from; at < to; at++) {
      if (length === KEPT) decide(KEPT - LONGEST_ESCAPE);
      push(text.charCodeAt(at), at);
    }
    // Ends an escape or token at the end of the word.
    push(0, to);
    decide(length);
  };
}

/**
 * Finds the token in characters that come one by one (algorithm of Knuth, Morris and Pratt). The last of them must not be a character
 * of a token.
 *
 * @param {Place[]} places receives what is found @param {string} core @param {number} longest of the padding
 */
function matcher(places, core, longest) {
  const token = Uint16Array.from(core, (character) => character.charCodeAt(0));
  const size = token.length;
  /** The failure table: for each position, the length of the longest proper prefix of the token that is a suffix there. */
  const repeated = new Uint32Array(size);
  for (let at = 1, count = 0; at < size; at++) {
    while (count > 0 && token[at] !== token[count]) count = repeated[count - 1];
    if (token[at] === token[count]) count += 1;
    repeated[at] = count;
  }
  /** Where the last characters begin in the text, as a ring buffer. */
  const starts = new Uint32Array(size);
  let matched = 0;
  let at = 0;
  /** Where a place begins whose end is not known yet, or -1; and its padding so far. */
  let open = -1;
  let padding = 0;

  return (/** @type {number} */ code, /** @type {number} */ start) => {
    if (open >= 0) {
      if (code === EQUALS && padding < longest) {
        padding += 1;
        return;
      }
      places.push([open, start, padding]);
      open = -1;
    }
    while (matched > 0 && token[matched] !== code) matched = repeated[matched - 1];
    if (token[matched] === code) matched += 1;
    starts[at] = start;
    at = (at + 1) % size;
    if (matched === size) {
      open = starts[at];
      padding = matched = 0;
    }
  };
}

// The end of a string that is not the name of a member. In JSON within a JSON string, the quotes are escaped.
const END_OF_VALUE = /\\*"(?!\s*:)/y;

/** Whether a part of a text is all of it, or a whole string of JSON. @param {string} text @param {number} from @param {number} to */
function isWholeValue(text, from, to) {
  END_OF_VALUE.lastIndex = to;
  return from === 0 ? to === text.length : text[from - 1] === '"' && END_OF_VALUE.test(text);
}
