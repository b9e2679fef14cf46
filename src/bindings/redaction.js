// Takes an access token out of what a service sent, however it is written there. The page's own record of requests uses it as well.

export const MARK = "[token]";

// Tokens for Graph are hundreds of characters long. A shorter one is one of tests, and may be a part of any word.
const SHORTEST_REAL_TOKEN = 16;

/** The characters of tokens and of escapes that have a name in HTML. */
const NAMED = new Map(
  Object.entries({ plus: "+", sol: "/", equals: "=", period: ".", lowbar: "_", UnderBar: "_", hyphen: "-", dash: "-", percnt: "%", amp: "&", num: "#", semi: ";", bsol: "\\" })
    .map(([name, character]) => [name, character.charCodeAt(0)]),
);

/** What is between `&` and `;` where HTML names a character by its number. */
const NUMBERED = /^#(?:x0*([\da-f]{2})|0*(\d{2,3}))$/i;
/** No escape that is looked for is longer. */
const LONGEST_ESCAPE = 13;

/** @typedef {[from: number, to: number, padding: number]} Place where the token is in a text, and how many `=` are at its end */

/**
 * A text without the token, which is not empty. One as short as those of tests is taken out only where it is a whole value.
 *
 * @param {string} text
 * @param {string} token
 */
export function redacted(text, token) {
  // Some leave the padding out.
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
 * The places where some of the token is escaped: looked for where escapes are, in words that are long enough.
 *
 * @param {string} text @param {string} core @param {number} longest
 * @returns {Place[]}
 */
function escapedPlaces(text, core, longest) {
  /** @type {Place[]} */
  const places = [];
  const escapes = /[\\%&]/g;
  let to = 0;
  for (let found = escapes.exec(text); found; found = escapes.exec(text)) {
    let from = found.index;
    while (from > to && isOfWord(text.charCodeAt(from - 1))) from -= 1;
    for (to = found.index; to < text.length && isOfWord(text.charCodeAt(to)); ) to += 1;
    if (to - from >= core.length) new Decoder(new Matcher(places, core, longest)).decode(text, from, to);
    escapes.lastIndex = to;
  }
  return places;
}

// What tokens and escapes consist of, by the codes of the characters.
const OF_WORD = Array.from({ length: 128 }, (_, code) => /[\w\-.~+/=%&#;\\]/.test(String.fromCharCode(code)));
const isOfWord = (/** @type {number} */ code) => OF_WORD[code] === true;

// The value of each hexadecimal digit, by its code; NaN for anything else.
const HEX = Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16));
const [PERCENT, AMPERSAND, NUMBER_SIGN, ZERO, SEMICOLON, EQUALS, BACKSLASH, U] = [...'%&#0;=\\u'].map((text) => text.charCodeAt(0));

/** Undoes the escapes of a word, also those within others. Of a word as long as a page only its last characters are kept. */
class Decoder {
  // What may still be a part of an escape, and where it begins in the text.
  #codes = new Uint16Array(1_024);
  #starts = new Uint32Array(1_024);
  #length = 0;
  /** How many characters ago there was an `&`. */
  #ampersand = LONGEST_ESCAPE;
  #matcher;

  /** @param {Matcher} matcher */
  constructor(matcher) {
    this.#matcher = matcher;
  }

  /** @param {string} text @param {number} from @param {number} to */
  decode(text, from, to) {
    for (let at = from; at < to; at++) {
      if (this.#length === 1_024) this.#decide(1_024 - LONGEST_ESCAPE);
      this.#push(text.charCodeAt(at), at);
    }
    // Behind the word nothing goes on.
    this.#push(0, to);
    this.#decide(this.#length);
  }

  /** @param {number} code @param {number} start */
  #push(code, start) {
    if (this.#codes[this.#length - 1] === BACKSLASH && this.#length > 0) {
      if (code === BACKSLASH) return;
      // One that begins no \uXXXX stands for nothing.
      if (code !== U) {
        this.#length -= 1;
        start = this.#starts[this.#length];
      }
    }
    const codes = this.#codes;
    codes[this.#length] = code;
    this.#starts[this.#length] = start;
    const length = (this.#length += 1);
    this.#ampersand += 1;
    if (length > 2 && codes[length - 3] === PERCENT) this.#undo(3);
    else if (length > 5 && codes[length - 6] === BACKSLASH && codes[length - 5] === U) this.#undo(6);
    else if (this.#ampersand > 2 && this.#ampersand < LONGEST_ESCAPE) this.#undoHtml();
    if (code === AMPERSAND) this.#ampersand = 0;
  }

  /** Undoes an escape whose last two characters are hexadecimal digits. @param {number} count of its characters */
  #undo(count) {
    const [codes, length] = [this.#codes, this.#length];
    const value = HEX[codes[length - 2]] * 16 + HEX[codes[length - 1]];
    const isAscii = count === 3 || (codes[length - 4] === ZERO && codes[length - 3] === ZERO);
    if (value >= 0 && isAscii) this.#replace(count, value);
  }

  #undoHtml() {
    const last = this.#codes[this.#length - 1];
    const begin = this.#length - this.#ampersand;
    // What follows may itself be escaped.
    const mayEnd = this.#codes[begin] === NUMBER_SIGN && last !== PERCENT && last !== BACKSLASH;
    if (last !== SEMICOLON && !mayEnd) return;
    let name = "";
    for (let at = begin; at < this.#length - 1; at++) name += String.fromCharCode(this.#codes[at]);
    const [, hex, decimal] = (this.#codes[begin] === NUMBER_SIGN && NUMBERED.exec(name)) || [];
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : NAMED.get(name);
    if (code === undefined) return;
    if (last === SEMICOLON) {
      this.#replace(this.#ampersand + 1, code);
    } else if (!(HEX[last] < (hex ? 16 : 10))) {
      // Browsers do without the semicolon where the number has ended.
      this.#length -= 1;
      const start = this.#starts[this.#length];
      this.#ampersand -= 1;
      this.#replace(this.#ampersand + 1, code);
      this.#push(last, start);
    }
  }

  /** Puts a character in the place of the last ones. @param {number} count @param {number} code */
  #replace(count, code) {
    this.#length -= count;
    this.#ampersand = this.#ampersand >= count ? this.#ampersand - count : LONGEST_ESCAPE;
    this.#push(code, this.#starts[this.#length]);
  }

  /** The first of them can be a part of no escape any more. @param {number} count */
  #decide(count) {
    for (let at = 0; at < count; at++) this.#matcher.take(this.#codes[at], this.#starts[at]);
    this.#codes.copyWithin(0, count);
    this.#starts.copyWithin(0, count);
    this.#length -= count;
  }
}

/** Finds the token in characters that come one by one (Knuth, Morris and Pratt). */
class Matcher {
  #places;
  #core;
  #longest;
  #matched = 0;
  #count = 0;
  /** How many of the token's first characters those before each place repeat. */
  #repeated;
  /** Where the last characters begin. */
  #starts;
  /** Where a place begins whose end is not known yet, and how much padding it has. */
  #open = -1;
  #padding = 0;

  /** @param {Place[]} places that are found @param {string} core @param {number} longest of the padding */
  constructor(places, core, longest) {
    this.#places = places;
    this.#core = Uint16Array.from(core, (character) => character.charCodeAt(0));
    this.#longest = longest;
    this.#starts = new Uint32Array(core.length);
    this.#repeated = new Uint32Array(core.length);
    for (let at = 1, repeated = 0; at < core.length; at++) {
      while (repeated > 0 && core[at] !== core[repeated]) repeated = this.#repeated[repeated - 1];
      if (core[at] === core[repeated]) repeated += 1;
      this.#repeated[at] = repeated;
    }
  }

  /** @param {number} code @param {number} start */
  take(code, start) {
    if (this.#open >= 0) {
      if (code === EQUALS && this.#padding < this.#longest) {
        this.#padding += 1;
        return;
      }
      this.#places.push([this.#open, start, this.#padding]);
      this.#open = -1;
    }
    const core = this.#core;
    let matched = this.#matched;
    while (matched > 0 && core[matched] !== code) matched = this.#repeated[matched - 1];
    if (core[matched] === code) matched += 1;
    const at = this.#count % core.length;
    this.#starts[at] = start;
    this.#count += 1;
    if (matched === core.length) {
      [this.#open, this.#padding] = [this.#starts[(at + 1) % core.length], 0];
      matched = 0;
    }
    this.#matched = matched;
  }
}

// No member's name. In a text within another, the quotes are escaped.
const END_OF_VALUE = /\\*"(?!\s*:)/y;

/** Whether this part of a text is all of it, or a string of a JSON document. @param {string} text @param {number} from @param {number} to */
function isWholeValue(text, from, to) {
  END_OF_VALUE.lastIndex = to;
  return from === 0 ? to === text.length : text[from - 1] === '"' && END_OF_VALUE.test(text);
}
