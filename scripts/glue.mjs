// Makes a function of wasm-bindgen's glue, which is a module: each instance of the wasm has a state of its own.
import { readFile } from "node:fs/promises";
import { transform } from "esbuild";

// In place of the loader, which knows one instance only, and with it one state.
const START = `
function start(module, guard) {
  wasm = { ...new WebAssembly.Instance(module, __wbg_get_imports()).exports };
  for (const name in wasm) if (typeof wasm[name] === "function") wasm[name] = guard(wasm[name]);
  wasm.__wbindgen_start();
}
export { start };
`;

/**
 * @param {string} file the glue as generated
 * @returns {Promise<string>} a module that exports `instantiate(module, guard)`, which returns what the glue exported; `guard` is
 *   given every exported function of the wasm, and returns the one to call instead
 */
export async function glueAsFunction(file) {
  const text = oneImportOfEach((await readFile(file, "utf8")).replace(/^export \{ initSync.*$/m, "") + START);
  // Leaves out what only the loader needed, and tells the rest apart: imports, the code, one list of exports.
  const { code } = await transform(text, { format: "esm", treeShaking: true });
  const [, imports, body, exported] = /^((?:import [^;]*;\n)*)([^]*)export \{([^}]*)\};\n$/.exec(code);
  const names = exported.split(",").map((name) => name.trim()).filter((name) => name !== "start");
  return `${imports}export function instantiate(module, guard) {\n${body}start(module, guard);\nreturn { ${names.join(", ")} };\n}\n`;
}

// A module whose functions the wasm imports as they are, is imported and listed once for each of them.
function oneImportOfEach(text) {
  const first = new Map();
  return text
    .replace(/^import \* as (\w+) from "([^"]+)"\n/gm, (line, name, from) => (first.has(from) ? "" : (first.set(from, name), line)))
    .replace(/^ +"([^"]+)": (import\d+),\n/gm, (line, from, name) => ([undefined, name].includes(first.get(from)) ? line : ""));
}
