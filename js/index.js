// The main entry of the package. It contains the wasm as text, which is unpacked with the first call.
import wasm from "#wasm";
import { compileWith } from "./instance.js";
import { unpack } from "./wasm-text.js";

export * from "./api.js";

compileWith(async () => WebAssembly.compile(unpack(wasm)));
