// Gives access to internals of the package's bundle: its WebAssembly instances, their memory and their table of JavaScript values. It can
// also make an instance trap.

/**
 * @typedef {object} Watched
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Table} values
 * @property {unknown} [trap] thrown by the next function that the wasm calls; it unwinds the wasm as a trap does
 */

/** Watches every instance from now on. Node's own wasm has no such table, and is ignored. @returns {Watched[]} */
export function watchInstances() {
  /** @type {Watched[]} */
  const instances = [];
  WebAssembly.Instance = class extends WebAssembly.Instance {
    /** @param {WebAssembly.Module} module @param {WebAssembly.Imports} [imports] */
    constructor(module, imports = {}) {
      /** @type {Partial<Watched>} */
      const watched = {};
      /** @param {Function} run */
      const fragile =
        (run) =>
        /** @param {...unknown} given */
        (...given) => {
          if (watched.trap) throw watched.trap;
          return run(...given);
        };
      super(
        module,
        mapped(imports, (members) => mapped(members, (member) => (typeof member === "function" ? fragile(member) : member))),
      );
      const exports = Object.values(this.exports);
      watched.memory = exports.find((value) => value instanceof WebAssembly.Memory);
      watched.values = exports.find((value) => value instanceof WebAssembly.Table);
      if (watched.values) instances.push(/** @type {Watched} */ (watched));
    }
  };
  return instances;
}

/**
 * An object with the same members, each changed.
 *
 * @template One, Other
 * @param {Record<string, One>} object
 * @param {(value: One) => Other} change
 * @returns {Record<string, Other>}
 */
const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
