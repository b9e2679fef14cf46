// The WebAssembly modules of the package, and where their parts are.
import { join } from "node:path";
import { ROOT } from "./tools.mjs";

/** The folder that wasm-bindgen writes into. */
export const GLUE = join(ROOT, "target", "wasm-bindgen");
export const DIST = join(ROOT, "pkg", "dist");

/**
 * @typedef {object} Module
 * @property {string} crate the crate that it is compiled from
 * @property {string} glue its JavaScript, as generated
 * @property {string} compiled as wasm-bindgen wrote it
 * @property {string} names the short names of its imports and exports, for the glue
 * @property {string} wasm as it is published
 * @property {boolean} formats whether it writes texts with the code of the standard library, which others need for panics only
 */

/** @param {string} crate @param {{ formats?: boolean }} [traits] @returns {Module} */
function module(crate, { formats = false } = {}) {
  const name = crate.replaceAll("-", "_");
  return {
    crate,
    glue: join(GLUE, `${name}.js`),
    compiled: join(GLUE, `${name}_bg.wasm`),
    names: join(GLUE, `${name}.names.json`),
    wasm: join(DIST, `${name}.wasm`),
    formats,
  };
}

/** The calls for one device. */
export const MAIN = module("teams-device-diagnostics");
/** The same, and the fleet. */
export const FLEET = module("teams-device-diagnostics-fleet");
/** The simulated Graph. */
export const SIMULATOR = module("teams-device-diagnostics-simulator", { formats: true });
export const MODULES = [MAIN, FLEET, SIMULATOR];
