// Sets up, and builds what has changed: the package and the simulated Graph, which `npm start`, the page and the tests use.
import { MODULES } from "./modules.mjs";
import { buildPackage } from "./package.mjs";
import { setUp } from "./setup.mjs";
import { buildSimulator } from "./simulator.mjs";
import { checkSize } from "./size.mjs";
import { compile } from "./wasm.mjs";

/** @typedef {import("./cargo.mjs").Report} Report */

/** @type {import("./steps.mjs").Step} */
const PACKAGE = {
  title: "the package",
  take: async (report) => {
    const libraries = [];
    for (const module of MODULES) libraries.push(await compile(module, report));
    await buildPackage(libraries);
  },
};

/** @param {import("./setup.mjs").Purpose} purpose @returns {Promise<boolean>} whether the package is within its size budget */
export async function preparePackage(purpose) {
  await setUp(purpose, { build: [PACKAGE] });
  return checkSize();
}

/**
 * @param {import("./setup.mjs").Purpose} purpose
 * @param {...string} flags of Cargo for the simulated Graph
 * @returns {Promise<{ withinBudget: boolean, simulator: string }>} `simulator` is the program
 */
export async function prepare(purpose, ...flags) {
  let simulator = "";
  const take = async (/** @type {Report} */ report) => {
    simulator = await buildSimulator(flags, report);
  };
  await setUp(purpose, { build: [PACKAGE], alongside: [{ title: "the simulated Graph", take }] });
  return { withinBudget: await checkSize(), simulator };
}
