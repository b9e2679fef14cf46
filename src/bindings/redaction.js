// Takes an access token out of what a service sent, however it is written there. The page's own record of requests uses it as well.

export const MARK = "[token]";

// Tokens for Graph are hundreds of characters long. A shorter one is one of tests, and may be a part of any word.
const SHORTEST_REAL_TOKEN = 16;

/** One character as JSON (`\u002B`, `\/`), URLs (`%2B`), HTML (`&#43;`, `&#x2B;`, `&plus;`) or nobody escapes it. */
const CHARACTER = /\\u00([\da-f]{2})|%([\da-f]{2})|&#x0{0,6}([\da-f]{2});|&#0{0,6}(\d{2,3});|&(\w{3,6});|\\?([!-~])/iy;

/** The characters of tokens that have a name in HTML. @type {Record<string, string>} */
const NAMED = { plus: "+", sol: "/", equals: "=", period: ".", lowbar: "_", hyphen: "-" };

/**
 * A text without the token, which is not empty. One as short as those of tests is taken out only where it is a whole value.
 *
 * @param {string} text
 * @param {string} token
 */
export function redacted(text, token) {
  // Of nearly every text this is all.
  if (!text.includes(token) && !/[\\%&]/.test(text)) return text;
  let redacted = "";
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const end = endOf(token, text, at);
    if (end === undefined || (token.length < SHORTEST_REAL_TOKEN && !isWholeValue(text, at, end))) continue;
    redacted += text.slice(kept, at) + MARK;
    kept = end;
    at = end - 1;
  }
  return redacted + text.slice(kept);
}

/** Where the token ends that begins here; undefined when none does. @param {string} token @param {string} text @param {number} at */
function endOf(token, text, at) {
  // Nearly everywhere the first character says it.
  if (text[at] !== token[0] && !"\\%&".includes(text[at])) return undefined;
  CHARACTER.lastIndex = at;
  for (const character of token) if (nextCharacter(text) !== character) return undefined;
  return CHARACTER.lastIndex;
}

/** @param {string} text */
function nextCharacter(text) {
  const [, json, url, hex, decimal, name, plain] = CHARACTER.exec(text) ?? [];
  return plain ?? NAMED[name] ?? String.fromCharCode(Number(decimal ?? `0x${json ?? url ?? hex}`));
}

// No member's name.
const END_OF_VALUE = /"(?!\s*:)/y;

/** Whether this part of a text is all of it, or a string of a JSON document. @param {string} text @param {number} from @param {number} to */
function isWholeValue(text, from, to) {
  END_OF_VALUE.lastIndex = to;
  return from === 0 ? to === text.length : text[from - 1] === '"' && END_OF_VALUE.test(text);
}
