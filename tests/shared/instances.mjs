// What the package's bundle keeps to itself: its WebAssembly instances, their memory and their table of JavaScript values. And what
// no caller can do: make one trap.

/**
 * @typedef {object} Watched
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Table} values
 * @property {unknown} [trap] thrown by whatever the wasm calls next: an exception out of what never throws unwinds it as a trap does
 */

/** Of every instance from now on; Node itself has wasm too, but without such a table. @returns {Watched[]} */
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
