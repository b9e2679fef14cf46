// The build replaces these two: by the glue of wasm-bindgen as a function, and by the wasm as text or as a module.
declare module "#glue" {
  export function instantiate(module: WebAssembly.Module, guard: (run: Function) => Function): unknown;
}
declare module "#wasm" {
  const wasm: any;
  export default wasm;
}
// As far as the simulated Graph's server uses it.
declare module "compression" {
  type Compress = (
    request: import("node:http").IncomingMessage,
    response: import("node:http").ServerResponse,
    next: () => void,
  ) => void;
  export default function compression(options: { level: number; brotli: import("node:zlib").BrotliOptions }): Compress;
}
