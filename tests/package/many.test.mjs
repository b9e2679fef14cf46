// Makes very many calls in one process: the engine must survive that it recompiles the package's functions while they run. The V8 of Node
// 20 ended the process in three of four such runs after it had inlined a wasm function into its caller.
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

test("a process survives 60,000 starts", { timeout: 120_000 }, async () => {
  const index = fileURLToPath(new URL("../../pkg/dist/index.js", import.meta.url));
  const { code, stdout } = await run(process.execPath, ["--input-type=module", "--eval", PROGRAM, index], { quiet: true });
  assert.deepEqual([code, stdout.trim()], [0, "60000"]);
});
