// The entry of the simulated Graph for Cloudflare's workerd; see workerd.js.
import wasm from "#wasm";
import { compileWith } from "./simulator/instance.js";

export { simulateGraph } from "./simulator/graph.js";

compileWith(async () => wasm);
