// The package's calls over the generated glue: the one place that knows it. An entry says where the compiled module comes from.
import * as glue from "../target/wasm-bindgen/teams_device_diagnostics.js";

export { DiagnosticsError, isDiagnosticsError } from "../src/bindings/objects.js";

export const runDiagnostics = async (token, deviceId, options) => (await load(), glue.runDiagnostics(token, deviceId, options));

export const waitForOperation = async (location, options) => (await load(), glue.waitForOperation(location, options));

export const getOperation = async (location, options) => (await load(), glue.getOperation(location, options));

export async function* listOperations(token, deviceId, options) {
  await load();
  const pages = new glue.OperationPages(token, deviceId, options);
  try {
    for (let page; (page = await pages.next()); ) yield* page;
  } finally {
    pages.free();
  }
}

let compile;
let loading;

/** Says what resolves to the compiled module; it is called with the first call, once. */
export const compileWith = (compiler) => {
  compile = compiler;
};

// A load that failed is forgotten, so that the next call tries again.
export function load() {
  loading ??= compile().then(instantiate).catch((cause) => {
    loading = undefined;
    throw isForbidden()
      ? new Error("WebAssembly is not allowed here: add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy.", { cause })
      : cause;
  });
  return loading;
}

function instantiate(module) {
  glue.initSync({ module });
}

// Browsers reject with errors of different classes; the smallest module is refused as any other is.
function isForbidden() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return true;
  }
}
