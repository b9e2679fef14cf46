// Makes a function of wasm-bindgen's glue, which is a module: each instance of the wasm has a state of its own.
import { readFile } from "node:fs/promises";
import { transform } from "esbuild";
import { longName } from "./names.mjs";

// In place of the loader, which knows one instance only, and with it one state.
const START = `
function start(module, guard) {
  wasm = { ...new WebAssembly.Instance(module, __wbg_get_imports()).exports };
  for (const name in wasm) if (typeof wasm[name] === "function") wasm[name] = guard(wasm[name]);
  wasm.__wbindgen_start();
}
export { start };
`;

// gloo-timers and wasm-bindgen-futures take what test tools replace: a timer that throws would end every call of the instance, and a
// queue of microtasks that drops a job would hang all later calls for good.
const TIMERS = `import { setTimeout, clearTimeout } from "./src/bindings/host.js";\n`;
//
// Every closure is dropped by Rust: to register each with the garbage collector as well costs more than the closure itself.
/** @type {[RegExp, (found: string) => string][]} */
const EDITS = [
  [/^const CLOSURE_DTORS = [^;]*;$/m, () => ""],
  [/^ *CLOSURE_DTORS\.(un)?register\(.*\);$/gm, () => ""],
  [/\bsetTimeout\(/, (found) => found],
  [/\bclearTimeout\(/, (found) => found],
  [/const ret = (\w+)\.queueMicrotask;/, () => "const ret = undefined;"],
  [/^export \{ initSync.*$/m, () => ""],
];

/**
 * @param {string} file the glue as generated
 * @param {string[]} names the long names of all that the wasm imports
 * @returns {Promise<string>} a module that exports `instantiate(module, guard)`, which returns what the glue exported; `guard` is
 *   given every exported function of the wasm, and returns the one to call instead
 */
export async function glueAsFunction(file, names) {
  let glue = await readFile(file, "utf8");
  for (const [pattern, replacement] of EDITS) {
    if (!pattern.test(glue)) throw new Error(`wasm-bindgen's glue is not what it was: ${file} has no ${pattern}`);
    glue = glue.replace(pattern, replacement);
  }
  const text = withSnippets(TIMERS + glue + START, names);
  // Leaves out what only the loader needed, and tells the rest apart: imports, the code, one list of exports.
  const { code } = await transform(text, { format: "esm", treeShaking: true });
  const parts = /^((?:import [^;]*;\n)*)([^]*)export \{([^}]*)\};\n$/.exec(code);
  if (!parts) throw new Error(`wasm-bindgen's glue is not what it was: ${file} has not imports first and one list of exports last`);
  const [, imports, body, exported] = parts;
  const made = exported
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "start");
  return `${imports}export function instantiate(module, guard) {\n${body}start(module, guard);\nreturn { ${made.join(", ")} };\n}\n`;
}

// A snippet is imported as a whole, once for each of its functions: here once, and only what the wasm takes of it, beside the glue's own.
/** @param {string} text @param {string[]} names */
function withSnippets(text, names) {
  const snippets = new Map();
  const once = text.replace(
    /^import \* as (\w+) from "([^"]+)"\n/gm,
    (/** @type {string} */ line, /** @type {string} */ name, /** @type {string} */ from) => {
      if (snippets.has(from)) return "";
      snippets.set(from, name);
      return line;
    },
  );
  const taken = [...snippets].flatMap(([from, name]) => {
    const prefix = longName(from, "");
    return names
      .filter((/** @type {string} */ long) => long.startsWith(prefix))
      .map((/** @type {string} */ long) => `${long}: ${name}.${long.slice(prefix.length)},`);
  });
  return once
    .replace(/^ +"[^"]+": import[1-9]\d*,\n/gm, "")
    .replace(/^( +)"[^"]+_bg\.js": import0,\n/m, "$1glue: import0,\n")
    .replace("const import0 = {\n", (/** @type {string} */ line) => `${line}${taken.join("\n")}\n`);
}
