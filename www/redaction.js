// @ts-check
// Takes tokens out of texts that a service may have repeated them in.

export const MARK = "[token]";

/** Tokens for Graph are hundreds of characters long; a shorter one could be a part of any word, and counts where it stands alone. */
const SHORTEST_REAL_TOKEN = 16;
/** Of the last so many tokens: they are renewed every hour or so. */
const LIMIT = 20;

export class Redaction {
  /** How each token may be written. @type {Map<string, RegExp>} */
  #forms = new Map();

  /** @param {string} token */
  add(token) {
    if (token === "" || this.#forms.has(token)) return;
    if (this.#forms.size === LIMIT) this.#forms.delete([...this.#forms.keys()][0]);
    this.#forms.set(token, formsOf(token));
  }

  /** @param {string} text */
  apply(text) {
    return [...this.#forms.values()].reduce((redacted, forms) => redacted.replace(forms, MARK), text);
  }
}

/**
 * Plainly, as JSON may write it (`\u002B` for `+`, `\/` for `/`), or percent-encoded.
 *
 * @param {string} token
 */
function formsOf(token) {
  const characters = Array.from(token, (character) => {
    const literal = literally(character);
    const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
    const anyCase = hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
    return String.raw`(?:${literal}|\\${literal}|\\[uU]00${anyCase}|%${anyCase})`;
  });
  const [before, behind] = token.length < SHORTEST_REAL_TOKEN ? ["(?<![A-Za-z0-9])", "(?![A-Za-z0-9])"] : ["", ""];
  return new RegExp(before + characters.join("") + behind, "g");
}

/** @param {string} character */
const literally = (character) => character.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
