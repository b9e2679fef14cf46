// Sets up, and builds the package if anything has changed.
import { MODULES } from "./modules.mjs";
import { buildPackage } from "./package.mjs";
import { setUp } from "./setup.mjs";
import { checkSize } from "./size.mjs";
import { compile } from "./wasm.mjs";

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
  await setUp(purpose, [PACKAGE]);
  return checkSize();
}
