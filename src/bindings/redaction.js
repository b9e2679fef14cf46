// Takes an access token out of what a service sent, however it is written there. The page's own record of requests uses it as well.

export const MARK = "[token]";

// Tokens for Graph are hundreds of characters long. A shorter one is one of tests, and may be a part of any word.
const SHORTEST_REAL_TOKEN = 16;

/** One character as URLs (`%2B`), HTML (`&#43;`, `&#x2B;`, `&plus;`) or JSON (`\u002B`, `\/`) escape it, also one within the other. */
const ESCAPED =
  /(?:%(?:25)*|\\+u0025)([\da-f]{2})|(?:&(?:amp;)*|\\+u0026)(?:#x0{0,6}([\da-f]{2});|#0{0,6}(\d{2,3});|(\w{3,6});)|\\+u00([\da-f]{2})|\\+/gi;

/** The characters of tokens that have a name in HTML. @type {Record<string, string>} */
const NAMED = { plus: "+", sol: "/", equals: "=", period: ".", lowbar: "_", hyphen: "-" };

/**
 * A text without the token, which is not empty. One as short as those of tests is taken out only where it is a whole value.
 *
 * @param {string} text
 * @param {string} token
 */
export function redacted(text, token) {
  // Some leave the padding out.
  const core = token.replace(/=+$/, "");
  // Of nearly every text this is all.
  if (!text.includes(core) && !/[\\%&]/.test(text)) return text;
  const { plain, place } = unescaped(text);
  let redacted = "";
  let kept = 0;
  for (let at = plain.indexOf(core); at >= 0; at = plain.indexOf(core, at)) {
    let end = at + core.length;
    if (token.length < SHORTEST_REAL_TOKEN && !(plain.startsWith(token, at) && isWholeValue(plain, at, at + token.length))) {
      at += 1;
      continue;
    }
    while (plain[end] === "=" && end - at < token.length) end += 1;
    redacted += text.slice(kept, place(at)) + MARK;
    kept = end === plain.length ? text.length : place(end);
    at = end;
  }
  return redacted + text.slice(kept);
}

/**
 * The text without escapes, and where in the text each of its characters begins, asked for in order.
 *
 * @param {string} text
 */
function unescaped(text) {
  /** Where each escape is in what is plain, and how much shorter that is behind it. @type {[at: number, shorter: number][]} */
  const escapes = [];
  let shorter = 0;
  const plain = text.replace(ESCAPED, (found, url, hex, decimal, name, json, /** @type {number} */ at) => {
    const character = characterOf(url ?? hex ?? json, decimal, name) ?? found;
    escapes.push([at - shorter, (shorter += found.length - character.length)]);
    return character;
  });
  let next = 0;
  let ahead = 0;
  const place = (/** @type {number} */ at) => {
    for (; next < escapes.length && escapes[next][0] < at; next++) ahead = escapes[next][1];
    return at + ahead;
  };
  return { plain, place };
}

/** What an escape stands for: backslashes alone for nothing; undefined for a name that no token needs. @param {(string | undefined)[]} parts */
function characterOf(...[hex, decimal, name]) {
  if (name !== undefined) return NAMED[name];
  const code = hex === undefined ? decimal : `0x${hex}`;
  return code === undefined ? "" : String.fromCharCode(Number(code));
}

// No member's name.
const END_OF_VALUE = /"(?!\s*:)/y;

/** Whether this part of a text is all of it, or a string of a JSON document. @param {string} text @param {number} from @param {number} to */
function isWholeValue(text, from, to) {
  END_OF_VALUE.lastIndex = to;
  return from === 0 ? to === text.length : text[from - 1] === '"' && END_OF_VALUE.test(text);
}
