// Replaces every panic in the wasm by a bare trap. A panic is a defect, and nobody would see the message of the standard library, but every
// page would download the code that formats it.
import binaryen from "binaryen";
import { FEATURES } from "./names.mjs";

/** The functions that panic, and those that format numbers for their messages. Nothing else in the wasm formats anything. */
const PANICS =
  /panicking::|\bfmt::|::panic_already_|expect_failed|unwrap_failed|assert_failed|_fail$|slice_error_fail|handle_alloc_error|handle_error|capacity_overflow|panic_poisoned|rust_oom|rust_begin_unwind|^wasm_bindgen::(?:__rt::)?throw|throw_str|borrow_fail|throw_null/;

/** @param {Uint8Array} wasm with the names of its functions @returns {Uint8Array} */
export function trapInPanics(wasm) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(FEATURES);
  const functions = Array.from({ length: module.getNumFunctions() }, (_, at) => module.getFunctionByIndex(at));
  const named = functions.map((each) => ({ each, ...binaryen.getFunctionInfo(each) }));
  const panics = named.filter(({ name, module }) => !module && PANICS.test(name));
  if (panics.length === 0)
    throw new Error("No function of the wasm has the name of a panic. The names in scripts/panics.mjs must be updated");
  // @ts-expect-error: the declarations lack `Function`, which exists
  for (const { each } of panics) binaryen.Function.setBody(each, module.unreachable());
  // This setting is global, so it is reset. Otherwise the published wasm would have names too.
  binaryen.setDebugInfo(true);
  const trapping = module.emitBinary();
  binaryen.setDebugInfo(false);
  module.dispose();
  return trapping;
}

/** The texts of panics: paths of source files, and messages of the standard library. */
const TEXTS = [
  /(?:\/rustc\/|\/rust\/deps\/|cargo\/|src\/)[\w./-]+?\.rs/g,
  /assertion failed: [\w.()]+|internal error: entered unreachable code|index out of bounds: the len is |0001020304\d+99/g,
  /&copy_from_slice: source slice length \(|\+\) does not match destination slice length \(|attempt to join into collection with len > usize::MAX/g,
  /RefCell already (?:mutably )?borrowed|`async fn` resumed after completion|Hash table capacity overflow|LazyCell instance has previously been poisoned/g,
  /called `\w+::unwrap_throw\(\)` on an? `\w+` value|closure invoked recursively or after being dropped|null pointer passed to rust/g,
  /attempted to take ownership of Rust value while it was borrowed|recursive use of an object detected which would lead to unsafe aliasing in rust/g,
  /Attempted to initialize thread-local while it is being dropped|Tried to shrink to a larger capacity/g,
];

/** Overwrites the unused texts with zeros, which compress to almost nothing. @param {Uint8Array} wasm @returns {Uint8Array} */
export function blankPanicTexts(wasm) {
  /** @param {string} found */
  const blank = (found) => "\0".repeat(found.length);
  const text = TEXTS.reduce((text, pattern) => text.replace(pattern, blank), Buffer.from(wasm).toString("latin1"));
  return Buffer.from(text, "latin1");
}
