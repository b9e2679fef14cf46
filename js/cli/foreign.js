// Values that other programs made: files, tokens, and what Graph and the Azure CLI say. Their form is never certain.

/** The members of the JSON object in a text; none if it holds anything else. @param {string} text @returns {Record<string, unknown>} */
export function objectOf(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** A value as text, where a text is expected; empty if it has no short one. @param {unknown} value */
export const textOf = (value) => (["string", "number", "boolean"].includes(typeof value) ? String(value) : "");
