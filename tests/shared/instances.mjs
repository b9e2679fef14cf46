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
  const instances = [];
  WebAssembly.Instance = class extends WebAssembly.Instance {
    constructor(module, imports) {
      const watched = {};
      const fragile =
        (run) =>
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
      if (watched.values) instances.push(watched);
    }
  };
  return instances;
}

const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
