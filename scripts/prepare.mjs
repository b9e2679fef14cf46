// Sets up, and builds what has changed: the package and the simulated Graph, which `npm start`, the page and the tests use.
import { buildPackage } from "./package.mjs";
import { setUp } from "./setup.mjs";
import { buildSimulator } from "./simulator.mjs";
import { compile } from "./wasm.mjs";

/** @param {import("./setup.mjs").Purpose} purpose @returns {Promise<boolean>} whether the package is within its size budget */
export async function preparePackage(purpose) {
  const { library } = await build(purpose, { library: ["the package's wasm", compile] });
  return buildPackage(library);
}

/**
 * @param {import("./setup.mjs").Purpose} purpose
 * @param {...string} flags of Cargo for the simulated Graph
 * @returns {Promise<{ withinBudget: boolean, simulator: string }>} `simulator` is the program
 */
export async function prepare(purpose, ...flags) {
  const { library, simulator } = await build(purpose, {
    library: ["the package's wasm", compile],
    simulator: ["the simulated Graph", (/** @type {import("./cargo.mjs").Report} */ report) => buildSimulator(flags, report)],
  });
  return { withinBudget: await buildPackage(library), simulator };
}

/**
 * Runs the builds. Resolves to the built file of each.
 *
 * @template {string} Name
 * @param {import("./setup.mjs").Purpose} purpose
 * @param {Record<Name, [title: string, make: (report: import("./cargo.mjs").Report) => Promise<string>]>} builds
 */
async function build(purpose, builds) {
  const files = /** @type {Record<Name, string>} */ ({});
  const names = /** @type {Name[]} */ (Object.keys(builds));
  const steps = names.map((name) => ({
    title: builds[name][0],
    take: async (/** @type {import("./cargo.mjs").Report} */ report) => {
      files[name] = await builds[name][1](report);
    },
  }));
  await setUp(purpose, steps);
  return files;
}
