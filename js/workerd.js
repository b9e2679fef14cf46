// The entry for Cloudflare's workerd, which does not compile wasm at run time: the module is compiled when the worker is deployed.
import wasm from "#wasm";
import { compileWith } from "./instance.js";

export * from "./api.js";

compileWith(async () => wasm);
