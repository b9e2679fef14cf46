// The wasm of the simulated Graph: compiled once, and instantiated for each simulation.
import { instantiate } from "#glue";

/** @type {() => Promise<WebAssembly.Module>} */
let compile;
/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** Sets the function that compiles the module. It is called once, with the first simulation. @param {typeof compile} compiler */
export const compileWith = (compiler) => {
  compile = compiler;
};

/** The exports of an instance of its own. @returns {Promise<any>} */
export async function newInstance() {
  compiled ??= compile().catch((cause) => {
    // A failed load is not remembered, so that the next simulation tries again.
    compiled = undefined;
    throw cause;
  });
  return instantiate(await compiled, (run) => run);
}
