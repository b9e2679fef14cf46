// Does the job with the packed package wherever JavaScript runs, without `init`, plugin, loader option or warning. The table in
// docs/runtimes.md must have the results; with RUNTIMES_TABLE=write, which `npm run runtimes` sets, this run writes it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundlers } from "./bundlers.mjs";
import { pages } from "./pages.mjs";
import { program } from "./programs.mjs";
import { servers } from "./servers.mjs";
import { table, tableInDocs, writeTable } from "./table.mjs";
import { testRunners } from "./test-runners.mjs";
import { installPackageAndServices } from "./installed-package.mjs";

const LIMIT = 180_000;
const environments = [...servers, ...pages, ...bundlers, ...testRunners];

let place;
before(async () => {
  place = await installPackageAndServices();
});
after(() => place?.close());

const rows = [];
for (const { environment, version, absent, ways } of environments) {
  /** @type {{ environment: string, version: string, ways: string[], passed: string[] }} */
  const row = { environment, version, ways: Object.keys(ways), passed: [] };
  rows.push(row);
  for (const [way, run] of Object.entries(ways)) {
    test(`${environment} ${version}: ${way}`, { timeout: LIMIT, skip: absent }, async () => {
      assert.equal(await run(place), "Successful");
      row.passed.push(way);
    });
  }
}

test("a tool that warns is noticed", { timeout: LIMIT }, async () => {
  place.write("warns/job.js", 'import "teams-device-diagnostics";');
  // Rollup without plugins finds no package, and warns.
  const bundle = place.call(program("rollup"), "./warns/job.js", "--file", "warns/dist/job.js");
  await assert.rejects(bundle, /Unresolved dependencies/);
});

const absent = environments.map(({ absent }) => absent).filter(Boolean);
test("the table of runtimes in docs/runtimes.md has the results of this run", { skip: absent.length > 0 && absent.join("; ") }, () => {
  const failed = rows.filter(({ ways, passed }) => passed.length < ways.length);
  if (process.env.RUNTIMES_TABLE === "write" && failed.length === 0) writeTable(table(rows));
  assert.equal(tableInDocs(), table(rows), "npm run runtimes writes it");
});
