// The wasm and its glue: loaded once, with the first call, and replaced by a new instance after a trap.
import { instantiate } from "#glue";
import { stopAll } from "../src/bindings/host.js";
import { Trap, toLoadFailure } from "./failures.js";

/**
 * @typedef {object} Instance
 * @property {any} wasm the exports of the glue
 * @property {Set<Call>} calls the calls that have not ended
 * @property {Trap} [trap] the trap after which it cannot be used any more
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

/** Sets the function that compiles the module. It is called once, with the first call. @param {typeof compile} compiler */
export const compileWith = (compiler) => {
  compile = compiler;
};

/** The working instance, if there is one. */
export const current = () => instance;

/** Loads the wasm. A failed load is not remembered, so that the next call tries again. */
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
  // Functions are looked up at each call, so that V8 does not inline them. The V8 of Node 20 ends the process ("unreachable code" in
  // its deoptimizer) if it deoptimizes a caller while a wasm function that is inlined into it runs.
  /** @type {Function[]} */
  const exported = [];
  // After a trap the instance cannot be used any more: late callbacks do nothing.
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
      // Rethrown through all wasm frames that are still active. Beyond them nothing could catch it.
      if (depth > 1) throw cause;
      // The glue of wasm-bindgen destructures the result of a function with several results, so it must be iterable.
      return [];
    } finally {
      depth--;
    }
  };
  started.wasm = instantiate(compiled, guard);
  // Kept only after it was instantiated: before that it could be a module of something else.
  module = compiled;
  instance = started;
  return started;
}
