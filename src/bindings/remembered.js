// What operations were started with, by location: until they have ended, or until there are too many, when the oldest is forgotten.

const LIMIT = 10_000;

const started = new Map();

// lookAt: when Graph wants the operation to be looked at for the first time, by performance.now().
export function remember(location, token, { cloud, baseUrl, fetch } = {}, lookAt) {
  insert(location, { token, cloud, baseUrl, fetch, lookAt });
}

// The operation has moved.
export function rememberAlso(location, moved) {
  if (started.has(location)) insert(moved, started.get(location));
}

// As options, of which the caller's own come first; undefined when the location is not known.
export function recall(location) {
  return started.get(location);
}

export function forget(location) {
  started.delete(location);
}

function insert(location, startedWith) {
  forget(location);
  if (started.size === LIMIT) forget(started.keys().next().value);
  started.set(location, startedWith);
}
