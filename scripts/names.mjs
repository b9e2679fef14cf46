// Shortens the names with which the wasm and its glue know each other: wasm-bindgen's are long and end in hashes that nothing packs.
import binaryen from "binaryen";

// What browsers of the last years know (WebAssembly 2.0).
const { BulkMemory, BulkMemoryOpt, NontrappingFPToInt, SignExt, MutableGlobals, Multivalue, ReferenceTypes } = binaryen.Features;
export const FEATURES = BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | Multivalue | ReferenceTypes;

// The glue; snippets are modules whose functions are imported as they are.
const GLUE = /_bg\.js$/;

/** What the glue calls a function of a snippet, as it calls its own. @param {string} from the module @param {string} name */
export const longName = (from, name) => `__wb_${from.replace(/^.*\/(\w+)\.js$/, "$1")}_${name}`;

/** The names that nobody else uses. */
export const LONG_NAMES = /^(__wb|__externref|wasm_bindgen__)/;

/**
 * @param {Uint8Array} wasm
 * @returns {{ wasm: Uint8Array, names: Record<string, string> }} the module, and what each long name has become
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
