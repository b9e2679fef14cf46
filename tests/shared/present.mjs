// For values that may be missing by their type, but must be there in a test.

/**
 * The value. Throws if it is missing.
 *
 * @template Value
 * @param {Value | null | undefined} value
 * @param {string} name
 */
export function present(value, name) {
  if (value === null || value === undefined) throw new Error(`${name} is missing`);
  return value;
}
