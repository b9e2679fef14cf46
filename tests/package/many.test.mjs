// Very many calls in one process: the engine compiles the package's functions anew while they run, and must survive that. V8 of
// Node 20 ended the process in three of four such runs when it had put a function of the wasm into its caller.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../scripts/run.mjs";

const PROGRAM = `
  const { runDiagnostics } = await import(process.argv[1]);
  let count = 0;
  const fetch = async () => new Response(null, { status: 202, headers: { location: "/teamwork/devices/d/operations/" + count } });
  while (count < 60_000) await Promise.all(Array.from({ length: 50 }, () => runDiagnostics("t", "room-" + count++, { fetch })));
  console.log(count);
`;

test("60,000 starts in one process end it only when it is done", { timeout: 120_000 }, async () => {
  const index = fileURLToPath(new URL("../../pkg/dist/index.js", import.meta.url));
  const { code, stdout } = await run(process.execPath, ["--input-type=module", "--eval", PROGRAM, index], { quiet: true });
  assert.deepEqual([code, stdout.trim()], [0, "60000"]);
});
