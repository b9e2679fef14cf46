// The memory of a device that waits for its next poll, in bytes: node --expose-gc memory.mjs HOW COUNT
import { watchInstances } from "../../tests/shared/instances.mjs";

const [how, count] = [process.argv[2], Number(process.argv[3])];
const instances = watchInstances();

let polls = 0;
/** @type {any} */
const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ { method }) => {
  if (method === "POST") return new Response(null, { status: 202, headers: { location: url.replace("runDiagnostics", "operations/1") } });
  polls++;
  return Response.json({ id: "1", status: "InProgress" });
};
const options = { fetch, pollInterval: 2_000, operationTimeout: Infinity };

/** @type {Record<string, (ids: string[]) => Promise<void>>} */
const WAYS = {
  async "one call for each device"(ids) {
    const { runDiagnostics, waitForOperation } = await import("../../pkg/dist/index.js");
    for (const id of ids) {
      const location = await runDiagnostics("token", id, options);
      waitForOperation(location, { ...options, pollInterval: 600_000 }).catch(fail);
    }
  },
  async runDiagnosticsOnDevices(ids) {
    const { runDiagnosticsOnDevices } = await import("../../pkg/dist/fleet.js");
    const more = { ...options, maxRequestsPerSecond: 1_000 };
    runDiagnosticsOnDevices("token", ids, more).next().catch(fail);
  },
};

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  process.exit(1);
}

/** @param {number} number */
const polled = async (number) => {
  while (polls < number) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function used() {
  for (let time = 0; time < 3; time++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  const wasm = instances.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
  return { js: heapUsed + external - wasm, wasm };
}

const ids = (/** @type {string} */ prefix, /** @type {number} */ length) => Array.from({ length }, (_, at) => `${prefix}-${at}`);
// What is loaded and compiled with the first devices does not count.
await WAYS[how](ids("warm-up", 50));
await polled(50);
const before = await used();
polls = 0;
await WAYS[how](ids("room", count));
await polled(count);
const after = await used();
console.log(JSON.stringify({ js: (after.js - before.js) / count, wasm: (after.wasm - before.wasm) / count }));
process.exit(0);
