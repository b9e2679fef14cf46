// What the build puts in place of these two: wasm-bindgen's glue as a function, and the wasm as text or as a module.
declare module "#glue" {
  export function instantiate(module: WebAssembly.Module, guard: (run: Function) => Function): unknown;
}
declare module "#wasm" {
  const wasm: any;
  export default wasm;
}
