// A customer's own tests that make the calls, in Jest and Vitest, in the environments of Node and jsdom.

import assert from "node:assert/strict";
import { PACKAGE, calls } from "../shared/customer.mjs";
import { program, version } from "./programs.mjs";

const names = "{ runDiagnostics, waitForOperation }";
/** @typedef {(place: import("./installed-package.mjs").Place) => Promise<string>} Way */

/** @param {import("./installed-package.mjs").Place} place */
const test = (place) => `test("the job", async () => {
  ${calls(place.baseUrl)}
  expect(operation.status).toBe("Successful");
});
`;

/**
 * Jest's jsdom has no fetch. Customers add one, as a polyfill or with an environment that has Node's.
 *
 * @type {(environment: string, first?: string) => Way}
 */
const underJest =
  (environment, first = "") =>
  async (place) => {
    place.write(`${environment}/job.test.js`, `${first}const ${names} = require("${PACKAGE}");\n${test(place)}`);
    return passed(await place.complete(program("jest"), "--rootDir", environment, "--env", environment));
  };

/** @type {(environment: string) => Way} */
const underVitest = (environment) => async (place) => {
  const imports = `import { expect, test } from "vitest";\nimport ${names} from "${PACKAGE}";\n`;
  place.write(`vitest-${environment}/job.test.js`, imports + test(place));
  return passed(await place.complete(program("vitest"), "run", "--root", `vitest-${environment}`, "--environment", environment));
};

/** @param {{ output: string }} ended */
function passed({ output }) {
  assert.match(output, /Tests: +1 passed, 1 total|Tests +1 passed \(1\)/);
  return "Successful";
}

/** @type {import("./installed-package.mjs").Environment[]} */
export const testRunners = [
  {
    environment: "Jest",
    version: version("jest"),
    ways: {
      "`node`": underJest("node"),
      "`jsdom` with whatwg-fetch": underJest("jsdom", 'require("whatwg-fetch");\n'),
      "`jest-fixed-jsdom`": underJest("jest-fixed-jsdom"),
    },
  },
  {
    environment: "Vitest",
    version: version("vitest"),
    ways: { "`node`": underVitest("node"), "`jsdom`": underVitest("jsdom") },
  },
];
