// The package's main entry: the wasm is in it as text, and is unpacked with the first call.
import wasm from "#wasm";
import { compileWith } from "./instance.js";
import { unpack } from "./wasm-text.js";

export * from "./api.js";

compileWith(async () => WebAssembly.compile(unpack(wasm)));
