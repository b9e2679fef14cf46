// Writes the size of the wasm by the module of its functions into docs/size.md, as twiggy counts it.
import { writeGenerated } from "./generated.mjs";
import { must } from "./run.mjs";
import { setUp } from "./setup.mjs";
import { named } from "./wasm.mjs";

const HALVES = { core: "the core", bindings: "the bindings" };

// The first pattern that matches counts. An inlined function counts as a part of its caller.
/** @type {[RegExp, (found: string[]) => string][]} */
const PARTS = [
  [/^core::ptr::drop_in_place/, () => "dropping values"],
  [/teams_device_diagnostics::bindings::(\w+)/, ([, module]) => `${HALVES.bindings}: \`${module}\``],
  [/teams_device_diagnostics::(\w+)/, ([, module]) => `${HALVES.core}: \`${module}\``],
  [/js_sys|wasm_bindgen|__wbg|wbindgen|externref|shim/, () => "wasm-bindgen, its futures and JavaScript's values"],
  [/^"?data segment/, () => "texts and tables"],
  [/\b(core|alloc|std|hashbrown|rlsf|serde\w*)\b|^mem|^f(min|max)$/, () => "Rust's standard library, serde, the allocator"],
  [/^"?(import|export|type|elem|func|global|table|memory|section|wasm magic)/i, () => "names of imports and exports, types, tables"],
];

/** Counts, prints and writes the table. */
export async function writeParts() {
  await setUp("size");
  const csv = await must("twiggy", ["top", "-n", "100000", "--format", "csv", await named()], { quiet: true });
  const bytes = new Map();
  let total = 0;
  for (const [, name, size] of csv.matchAll(/^(".*"|[^,\n]*),(\d+),[\d.]+,/gm)) {
    // Names are not in the published wasm; here they only identify the functions.
    if (/function names|custom section/.test(name)) continue;
    const text = name.replace(/^"(.*)"$/s, "$1").replaceAll('""', '"');
    const [pattern, partOf] = PARTS.find(([pattern]) => pattern.test(text)) ?? [];
    const found = pattern?.exec(text);
    const part = found && partOf ? partOf(found) : "other";
    bytes.set(part, (bytes.get(part) ?? 0) + Number(size));
    total += Number(size);
  }
  /** @param {number} size */
  const share = (size) => `${((size / total) * 100).toFixed(1)} %`;
  /** @param {[string, number]} given */
  const row = ([part, size]) => `| ${part} | ${size.toLocaleString("en")} | ${share(size)} |`;
  const rows = [...bytes].sort(([, one], [, other]) => other - one).map(row);
  const table = ["| | bytes | share |", "|---|---:|---:|", ...rows, `| **in all** | ${total.toLocaleString("en")} | |`].join("\n");
  console.log(`\nWhat costs what in the wasm, before compression\n${table}`);
  await writeGenerated("size.md", "parts", table);
}
