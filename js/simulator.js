// The entry for tests: the simulated Graph. It contains its own wasm as text, and nothing of the calls.
import wasm from "#wasm";
import { compileWith } from "./simulator/instance.js";
import { unpack } from "./wasm-text.js";

export { simulateGraph } from "./simulator/graph.js";

compileWith(async () => WebAssembly.compile(unpack(wasm)));
