// Functions that remember their last result, for what is computed from three thousand devices.

/**
 * The function, which computes only if an argument is another value than in the last call.
 *
 * @template {unknown[]} Arguments
 * @template Result
 * @param {(...given: Arguments) => Result} compute
 * @returns {(...given: Arguments) => Result}
 */
export function memoised(compute) {
  /** @type {{ given: Arguments, result: Result } | undefined} */
  let last;
  return (...given) => {
    const isSame = last !== undefined && given.every((value, at) => Object.is(value, last?.given[at]));
    if (last === undefined || !isSame) last = { given, result: compute(...given) };
    return last.result;
  };
}
