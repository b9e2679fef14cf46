// The entry for applications that serve the wasm themselves: it does not contain the wasm, and `init` says where that is.
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

// Throws instead of returning a rejected promise, so that `load` stores no failed load, which an `init` in the same tick would share.
/** @returns {never} */
function nothing() {
  throw new LoadFailure({
    message: "The WebAssembly is not loaded",
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
    // Browsers refuse to compile a stream of any other type, and some servers do not know this one.
    if (given.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(given);
    given = await given.arrayBuffer();
  }
  return WebAssembly.compile(/** @type {BufferSource} */ (given));
}

/** @param {Response} response */
function notFetched({ status, url }) {
  // The query or fragment may hold a secret.
  const message = `The WebAssembly was not fetched: ${status} from ${url.replace(/[?#].*/, "")}`;
  return new LoadFailure({ message }, new Error(message));
}
