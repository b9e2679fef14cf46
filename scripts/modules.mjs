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
 */

/** @param {string} crate @returns {Module} */
function module(crate) {
  const name = crate.replaceAll("-", "_");
  return {
    crate,
    glue: join(GLUE, `${name}.js`),
    compiled: join(GLUE, `${name}_bg.wasm`),
    names: join(GLUE, `${name}.names.json`),
    wasm: join(DIST, `${name}.wasm`),
  };
}

/** The calls for one device. */
export const MAIN = module("teams-device-diagnostics");
/** The same, and the fleet. */
export const FLEET = module("teams-device-diagnostics-fleet");
export const MODULES = [MAIN, FLEET];
