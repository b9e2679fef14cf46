// The entry for Cloudflare's workerd, which compiles no wasm at run time: the module is compiled when a worker is deployed.
import wasm from "#wasm";
import { compileWith } from "./instance.js";

export * from "./api.js";

compileWith(async () => wasm);
