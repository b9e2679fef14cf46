// One measurement in its own process, which main.mjs forks. A message says what to measure, and the result is sent back.
import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { watchInstances } from "../../tests/shared/instances.mjs";
import { sleep } from "./job.mjs";
import { load } from "./peers.mjs";
import { device, token } from "./tenant.mjs";

/**
 * @typedef {object} Task
 * @property {string} peer
 * @property {string} baseUrl
 * @property {number} inFlight
 * @property {number} warmUp
 * @property {number} operations
 * @property {number} wave
 */

/** @type {Record<string, (task: Task) => Promise<object>>} */
const MEASUREMENTS = { throughput, memory, coldStart };

const [{ what, ...task }] = await once(process, "message");
process.send?.({ found: await MEASUREMENTS[what](task) });
process.disconnect?.();

/** Operations per second with the given number in flight, and the processor time of each. @param {Task} task */
async function throughput({ peer, baseUrl, inFlight, warmUp, operations }) {
  const { client } = await load(peer);
  const run = client({ baseUrl, token, pollInterval: 1 });
  await runMany(run, warmUp, inFlight);
  await parent("warmed up");
  const cpu = process.cpuUsage();
  const began = performance.now();
  await runMany(run, operations, inFlight);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: operations / seconds, cpuMs: (user + system) / 1_000 / operations };
}

/** @param {import("./peers.mjs").Job} run @param {number} operations @param {number} inFlight */
async function runMany(run, operations, inFlight) {
  let number = 0;
  const customer = async () => {
    while (number < operations) {
      const { status } = await run(device(number++));
      if (status !== "Successful") throw new Error(`An operation ended ${status}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, operations) }, customer));
}

/** Bytes per operation that waits for its second poll, without open requests and connections. @param {Task} task */
async function memory({ peer, baseUrl, operations, wave }) {
  const instances = watchInstances();
  const { client } = await load(peer);
  const tenant = { baseUrl, token };
  await runMany(client({ ...tenant, pollInterval: 1 }), 3 * wave, wave);
  await parent("warmed up");
  const wait = client({ ...tenant, pollInterval: 600_000 });
  const before = await settled(instances);
  for (let started = 0; started < operations; started += wave) {
    for (let number = started; number < started + wave; number++) wait(device(number)).catch(fail);
    // The parent checks at the server that each was started and polled once.
    await parent("started a wave");
  }
  const after = await settled(instances);
  // The waiting operations would never end.
  setImmediate(() => process.exit());
  const parts = /** @type {(keyof typeof after)[]} */ (Object.keys(after));
  return Object.fromEntries(parts.map((part) => [part, (after[part] - before[part]) / operations]));
}

/** @param {unknown} error */
function fail(error) {
  console.error(error);
  process.exit(1);
}

/** @param {import("../../tests/shared/instances.mjs").Watched[]} instances */
async function settled(instances) {
  const connections = () => process.getActiveResourcesInfo().filter((name) => /TCP/.test(name)).length;
  while (connections() > 0) await sleep(100);
  for (let time = 0; time < 3; time++) {
    await sleep(10);
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed, external, wasm: instances.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0) };
}

/** The times from the start of the import until it is done, the first request is sent, and its response comes; in milliseconds. @param {Task} task */
async function coldStart({ peer, baseUrl }) {
  const at = { sent: Number.NaN, responded: Number.NaN };
  /** @param {keyof typeof at} event */
  const note = (event) => () => {
    if (Number.isNaN(at[event])) at[event] = performance.now();
  };
  // Node's fetch and node:http both publish when they send and receive header fields.
  for (const name of ["undici:client:sendHeaders", "http.client.request.start"]) channel(name).subscribe(note("sent"));
  for (const name of ["undici:request:headers", "http.client.response.finish"]) channel(name).subscribe(note("responded"));
  const began = performance.now();
  const { client } = await load(peer);
  const imported = performance.now();
  await client({ baseUrl, token, pollInterval: 1 })(device(0));
  /** @param {number} time */
  const since = (time) => time - began;
  return { imported: since(imported), sent: since(at.sent), responded: since(at.responded), ended: since(performance.now()) };
}

/** Reports a step to the parent, and waits until the parent lets it continue. @param {string} step */
async function parent(step) {
  process.send?.({ step });
  await once(process, "message");
}
