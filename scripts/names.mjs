// Shortens the names of imports and exports between the wasm and its glue. wasm-bindgen's end in hashes, which do not compress.
import binaryen from "binaryen";

// The features that all supported browsers have (WebAssembly 2.0).
const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, MutableGlobals, Multivalue, ReferenceTypes } = binaryen.Features;
export const FEATURES = BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | Multivalue | ReferenceTypes;

// The module name of the glue. The other modules are snippets, whose functions are imported directly.
const GLUE = /_bg\.js$/;

/** The long name of a snippet's function, in the style of the glue's own. @param {string} from the module @param {string} name */
export const longName = (from, name) => `__wb_${from.replace(/^.*\/(\w+)\.js$/, "$1")}_${name}`;

/** The names that only the wasm and its glue use. */
export const LONG_NAMES = /^(__wb|__externref|wasm_bindgen__)/;

/**
 * @param {Uint8Array} wasm
 * @returns {{ wasm: Uint8Array, names: Record<string, string> }} the module, and the short name of each long name
 */
export function shortenNames(wasm) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(FEATURES);
  /** @type {Record<string, string>} */
  const names = {};
  let count = 0;
  /** @param {string} name */
  const shorten = (name) => (names[name] ??= `$${(count++).toString(36)}`);
  for (const { name, module: from, base, params, results } of functions(module)) {
    if (!from || !base) continue;
    module.removeFunction(name);
    module.addFunctionImport(name, "glue", shorten(GLUE.test(from) ? base : longName(from, base)), params, results);
  }
  for (const { kind, name, value } of exports(module).filter(({ name }) => LONG_NAMES.test(name))) {
    module.removeExport(name);
    if (kind === binaryen.ExternalFunction) module.addFunctionExport(value, shorten(name));
    if (kind === binaryen.ExternalTable) module.addTableExport(value, shorten(name));
    if (kind === binaryen.ExternalMemory) module.addMemoryExport(value, shorten(name));
  }
  const shortened = { wasm: module.emitBinary(), names };
  module.dispose();
  return shortened;
}

/** @param {binaryen.Module} module */
const functions = (module) =>
  Array.from({ length: module.getNumFunctions() }, (_, at) => binaryen.getFunctionInfo(module.getFunctionByIndex(at)));

/** @param {binaryen.Module} module */
const exports = (module) => Array.from({ length: module.getNumExports() }, (_, at) => binaryen.getExportInfo(module.getExportByIndex(at)));
