// The wasm and its glue: loaded with the first call, once; and replaced by a fresh instance when it has trapped.
import { instantiate } from "#glue";
import { stopAll } from "../src/bindings/host.js";
import { Trap, toLoadFailure } from "./failures.js";

/**
 * @typedef {object} Instance
 * @property {any} wasm what the glue exports
 * @property {Set<Call>} calls those that it still has to do
 * @property {Trap} [trap] why it is in no state to go on
 */

/** @typedef {{ instance?: Instance, reject?: (failure: unknown) => void }} Call */

/** @type {() => Promise<WebAssembly.Module>} */
let compile;
/** @type {WebAssembly.Module | undefined} */
let module;
/** @type {Instance | undefined} */
let instance;
/** @type {Promise<Instance> | undefined} */
let loading;

/** Says what resolves to the compiled module; it is called with the first call, once. @param {typeof compile} compiler */
export const compileWith = (compiler) => {
  compile = compiler;
};

/** The instance that works, if there is one. */
export const current = () => instance;

/** Loads the wasm. A load that failed is forgotten, so that the next call tries again. */
export function load() {
  loading ??= (module ? Promise.resolve(module) : compile()).then(start).catch((cause) => {
    loading = undefined;
    throw toLoadFailure(cause);
  });
  return loading;
}

/** @param {WebAssembly.Module} compiled */
function start(compiled) {
  /** @type {Instance} */
  const started = { wasm: undefined, calls: new Set() };
  let depth = 0;
  /** @param {unknown} cause */
  const trapped = (cause) => {
    started.trap = new Trap(cause);
    if (instance === started) instance = loading = undefined;
    for (const { reject } of started.calls) reject?.(started.trap);
    stopAll();
  };
  // Read at each call: V8 puts a wasm function that it knows into its caller, and that of Node 20 then ends the process when it
  // has to take such a caller back while the function runs ("unreachable code" in its deoptimizer).
  /** @type {Function[]} */
  const exported = [];
  // An instance that trapped is in no state to go on: what still calls it back finds nothing to do.
  /** @param {Function} run */
  const guard = (run) => {
    const at = exported.push(run) - 1;
    return (/** @type {unknown[]} */ ...args) => call(at, args);
  };
  /** @param {number} at @param {unknown[]} args */
  const call = (at, args) => {
    depth++;
    try {
      if (started.trap) throw started.trap.cause;
      return exported[at](...args);
    } catch (cause) {
      if (!started.trap) trapped(cause);
      // Through all of the wasm that is still under way; beyond it nobody could catch this.
      if (depth > 1) throw cause;
      // wasm-bindgen's glue destructures the results of functions that have several; an empty array satisfies it.
      return [];
    } finally {
      depth--;
    }
  };
  started.wasm = instantiate(compiled, guard);
  // Only now: a module of something else is not the one to keep.
  module = compiled;
  instance = started;
  return started;
}
