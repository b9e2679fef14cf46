// The package's one entry: loads the wasm on the first call, once, and hands every call on to it.
import * as glue from "../target/wasm-bindgen/teams_device_diagnostics.js";
import deflated from "./dist/teams_device_diagnostics.wasm";

export { DiagnosticsError, isDiagnosticsError } from "../src/bindings/objects.js";

export const runDiagnostics = async (token, deviceId, options) => {
  await load();
  return glue.runDiagnostics(token, deviceId, options);
};

export const waitForOperation = async (location, options) => {
  await load();
  return glue.waitForOperation(location, options);
};

export const getOperation = async (location, options) => {
  await load();
  return glue.getOperation(location, options);
};

export async function* listOperations(token, deviceId, options) {
  await load();
  const pages = new glue.OperationPages(token, deviceId, options);
  try {
    for (let page; (page = await pages.next()); ) yield* page;
  } finally {
    pages.free();
  }
}

let loading;

// A load that failed is forgotten, so that the next call tries again.
function load() {
  loading ??= instantiate().catch((cause) => {
    loading = undefined;
    throw cause instanceof WebAssembly.CompileError
      ? new Error("WebAssembly was not compiled. If a Content-Security-Policy is set, add 'wasm-unsafe-eval' to its script-src.", { cause })
      : cause;
  });
  return loading;
}

async function instantiate() {
  const bytes = Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  glue.initSync({ module: await WebAssembly.compile(await new Response(inflated).arrayBuffer()) });
}
