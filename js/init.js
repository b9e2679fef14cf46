// The entry for those who serve the wasm themselves: it is not in here, `init` says where it is.
import { LoadFailure, toError } from "./failures.js";
import { compileWith, load } from "./instance.js";

export * from "./api.js";

/** @param {Source | Promise<Source>} source */
export async function init(source) {
  compileWith(() => compile(source));
  try {
    await load();
  } catch (failure) {
    compileWith(nothing);
    throw toError(failure, {});
  }
}

// Thrown at once, not rejected: an `init` in the same moment is not held up by it.
/** @returns {never} */
function nothing() {
  throw new LoadFailure({
    message: "The wasm is not loaded",
    hint: "Await init(source) first, or import teams-device-diagnostics, which needs no init.",
  });
}
compileWith(nothing);

/** @typedef {import("./types/init.d.ts").WasmSource} Source */

/** @param {Source | Promise<Source>} source */
async function compile(source) {
  let given = await source;
  if (typeof given === "string" || given instanceof URL) given = await fetch(given);
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof Response) {
    if (!given.ok) throw notFetched(given);
    // Streaming is refused for any other type, which not every server knows.
    if (given.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(given);
    given = await given.arrayBuffer();
  }
  return WebAssembly.compile(/** @type {BufferSource} */ (given));
}

/** @param {Response} answer */
function notFetched({ status, url }) {
  // What follows the path may be a secret.
  const message = `The wasm was not fetched: ${status} from ${url.replace(/[?#].*/, "")}`;
  return new LoadFailure({ message }, new Error(message));
}
