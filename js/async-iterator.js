// The prototype of all async iterators, which has no name of its own.
export const AsyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));
