// What the package's bundle keeps to itself: its WebAssembly instances, their memory and their table of JavaScript values.

/** Of every instance from now on; Node itself has wasm too, but without such a table. */
export function watchInstances() {
  const instances = [];
  WebAssembly.Instance = class extends WebAssembly.Instance {
    constructor(module, imports) {
      super(module, imports);
      const exports = Object.values(this.exports);
      const memory = exports.find((value) => value instanceof WebAssembly.Memory);
      const values = exports.find((value) => value instanceof WebAssembly.Table);
      if (values) instances.push({ memory, values });
    }
  };
  return instances;
}
