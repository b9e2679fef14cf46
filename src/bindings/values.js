// JavaScript's own ways to read things. None throws: where an import throws, wasm-bindgen never frees the place of its result.

// Undefined when there is none, when its getter throws, and of what has no members at all.
export const member = (object, name) => attempt(() => object?.[name]);

export const parseJson = (text) => attempt(() => JSON.parse(text));

// The parts of an absolute URL, in the order of Rust's Url.
export const parseUrl = (text) =>
  attempt(() => {
    const { origin, protocol, hostname, pathname, search, username, password, hash } = new URL(text);
    return [origin, protocol, hostname, pathname, search, username + password, hash];
  });

function attempt(parse) {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
