// Values that other programs made: files, tokens, and what Graph and the Azure CLI say. Their form is never certain.

/** The value of a JSON text, or undefined if it is none. @param {string} text @returns {unknown} */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the error would repeat the text.
    return undefined;
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export const isObject = (value) => typeof value === "object" && value !== null;

/** The members of the JSON object in a text; none if it holds anything else. @param {string} text @returns {Record<string, unknown>} */
export function objectOf(text) {
  const value = parsed(text);
  return isObject(value) ? value : {};
}

/** A value as text, where a text is expected; empty if it is neither a text nor a number or a truth value. @param {unknown} value */
export const textOf = (value) => (["string", "number", "boolean"].includes(typeof value) ? String(value) : "");
