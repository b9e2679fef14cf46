// Turns wasm-bindgen's glue from a module into a function, so that each instance of the wasm has its own state.
import { readFile } from "node:fs/promises";
import { transform } from "esbuild";
import { longName } from "./names.mjs";

// Replaces the loader of the glue, which supports only one instance.
const START = `
function start(module, guard) {
  wasm = { ...new WebAssembly.Instance(module, __wbg_get_imports()).exports };
  for (const name in wasm) if (typeof wasm[name] === "function") wasm[name] = guard(wasm[name]);
  wasm.__wbindgen_start();
}
export { start };
`;

// gloo-timers and wasm-bindgen-futures use global functions that test tools replace. A timer function that throws would end every call of
// the instance, and a `queueMicrotask` that drops a job would block all later calls.
const TIMERS = `import { setTimeout, clearTimeout } from "./src/bindings/host.js";\n`;
// Closures are not registered with the garbage collector, because Rust drops them all, and a registration costs more than a closure.
/** @type {[RegExp, (found: string) => string][]} */
const OF_CALLS = [
  [/^const CLOSURE_DTORS = [^;]*;$/m, () => ""],
  [/^ *CLOSURE_DTORS\.(un)?register\(.*\);$/gm, () => ""],
  [/\bsetTimeout\(/, (found) => found],
  [/\bclearTimeout\(/, (found) => found],
  [/const ret = (\w+)\.queueMicrotask;/, () => "const ret = undefined;"],
];
/** @type {typeof OF_CALLS} */
const OF_ALL = [[/^export \{ initSync.*$/m, () => ""]];

/**
 * @param {string} file the glue as generated
 * @param {string[]} names the long names of all imports of the wasm
 * @returns {Promise<string>} a module that exports `instantiate(module, guard)`, which returns the exports of the glue; `guard` wraps
 *   every exported function of the wasm
 */
export async function glueAsFunction(file, names) {
  let glue = await readFile(file, "utf8");
  // The simulated Graph has neither timers nor closures.
  for (const [pattern, replacement] of glue.includes("CLOSURE_DTORS") ? [...OF_CALLS, ...OF_ALL] : OF_ALL) {
    if (!pattern.test(glue)) throw new Error(`wasm-bindgen's glue has changed: ${file} has no ${pattern}`);
    glue = glue.replace(pattern, replacement);
  }
  const text = withSnippets((glue.includes("setTimeout(") ? TIMERS : "") + glue + START, names);
  // Removes what only the loader needed, and splits the rest into the imports, the code and the list of exports.
  const { code } = await transform(text, { format: "esm", treeShaking: true });
  const parts = /^((?:import [^;]*;\n)*)([^]*)export \{([^}]*)\};\n$/.exec(code);
  if (!parts) throw new Error(`wasm-bindgen's glue has changed: ${file}: expected imports first and one export list last`);
  const [, imports, body, exported] = parts;
  const made = exported
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "start");
  return `${imports}export function instantiate(module, guard) {\n${body}start(module, guard);\nreturn { ${made.join(", ")} };\n}\n`;
}

// The glue imports a whole snippet for each of its functions. This imports each snippet once, and passes only the functions that are used.
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
