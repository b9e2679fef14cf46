// The package's calls over the wasm and its glue: the one place that knows them. An entry says where the compiled module comes from.
import { DiagnosticsError, isDiagnosticsError } from "../src/bindings/objects.js";
import { endAll } from "../src/bindings/waiting.js";
import { instantiate } from "../target/wasm-bindgen/teams_device_diagnostics.js";

export { DiagnosticsError, isDiagnosticsError };

export const runDiagnostics = async (token, deviceId, options) =>
  call(await load(), (wasm) => wasm.runDiagnostics(token, deviceId, options), { deviceId, mayHaveStarted: true });

export const waitForOperation = async (location, options) =>
  call(await load(), (wasm) => wasm.waitForOperation(location, options), { location });

export const getOperation = async (location, options) =>
  call(await load(), (wasm) => wasm.getOperation(location, options), { location });

// Undefined stands for the tenant's devices in the wasm.
export const listOperations = (token, deviceId, options) => list(token, deviceId ?? null, options);

export const listDevices = (token, options) => list(token, undefined, options);

async function* list(token, deviceId, options) {
  const instance = await load();
  const known = deviceId == null ? {} : { deviceId };
  const collection = await call(instance, async (wasm) => new wasm.Collection(token, deviceId, options), known);
  try {
    for (let page; (page = await call(instance, () => collection.next(), known)); ) yield* page;
  } finally {
    collection.free();
  }
}

// Performs a call; should the wasm trap, all that an instance still has to do rejects, with what is known of each.
function call(instance, perform, known) {
  return new Promise((resolve, reject) => {
    const trapped = (cause) => reject(internal(cause, known));
    if (instance.trap) return trapped(instance.trap);
    instance.calls.add(trapped);
    const end = (settle) => (result) => {
      instance.calls.delete(trapped);
      settle(result);
    };
    perform(instance.wasm).then(end(resolve), end(reject));
  });
}

const internal = (cause, known) =>
  new DiagnosticsError(
    "A defect of teams-device-diagnostics ended this call",
    { code: "internal", hint: "Report it, with the cause. What runs on the device goes on", mayHaveStarted: false, ...known },
    cause,
  );

let compile;
let module;
let loading;

/** Says what resolves to the compiled module; it is called with the first call, once. */
export const compileWith = (compiler) => {
  compile = compiler;
};

// A load that failed is forgotten, so that the next call tries again.
export function load() {
  loading ??= (module ? Promise.resolve(module) : compile()).then(start).catch((cause) => {
    loading = undefined;
    throw isForbidden()
      ? new Error("WebAssembly is not allowed here: add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy.", { cause })
      : cause;
  });
  return loading;
}

function start(compiled) {
  module = compiled;
  const instance = { calls: new Set() };
  let depth = 0;
  // An instance that trapped is in no state to go on: what still calls it back finds nothing to do.
  const guard = (run) => (...args) => {
    depth++;
    try {
      if (instance.trap) throw instance.trap;
      return run(...args);
    } catch (cause) {
      if (!instance.trap) trapped(cause);
      // Through all of the wasm that is still under way; beyond it nobody could catch this.
      if (depth > 1) throw cause;
      return [];
    } finally {
      depth--;
    }
  };
  const trapped = (cause) => {
    instance.trap = cause;
    loading = undefined;
    for (const reject of instance.calls) reject(cause);
    endAll();
  };
  instance.wasm = instantiate(module, guard);
  return instance;
}

// Browsers reject with errors of different classes; the smallest module is refused as any other is.
function isForbidden() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return true;
  }
}
