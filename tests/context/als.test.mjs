// In Node, all functions that a caller passes run in the caller's context of AsyncLocalStorage.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { ROOT } from "../../scripts/tools.mjs";
import { NODES, node } from "../runtimes/programs.mjs";
import { assertOwnContexts } from "./checks.mjs";

const run = promisify(execFile);
/** @type {Record<string, string | undefined>} */
const programs = { [`Node ${process.version}`]: process.execPath };
for (const major of NODES) programs[`Node ${major}`] = node(major);

describe("every caller's functions run in its own context", { concurrency: 2 }, () => {
  for (const [name, program] of Object.entries(programs)) {
    test(name, { timeout: 120_000, skip: !program && "npm has no binary for this platform" }, async () => {
      const { stdout } = await run(String(program), [join(ROOT, "tests", "context", "als.mjs")]);
      const { cold, warm, timers } = JSON.parse(stdout);
      assertOwnContexts(cold);
      assertOwnContexts(warm);
      assert.equal(timers, 0, "timers are left");
    });
  }
});
