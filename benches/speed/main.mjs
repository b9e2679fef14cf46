// npm run bench: compares this package with what people use today, for the same job against a server on loopback.
//
//   npm run bench                    everything, about half an hour; writes docs/speed.md and docs/speed.svg
//   npm run bench -- --rounds 3      the same in a third of the time, with more spread (the default is 9)
//   npm run bench -- --quick         checks in less than a minute that it works; writes nothing
//   npm run bench -- memory          one part (throughput, memory, coldStart, browser); writes nothing
//   BENCH_BEFORE=<another version's pkg/dist/index.js> npm run bench    also with that version
//
// Each measurement is taken in its own process or browser context, with its own server. A round measures every peer once, one after the
// other, so that other load on the machine affects all of them. Ratios are taken within a round. The server counts the requests; the
// benchmark fails if a peer sends more or fewer than the others.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { preparePackage } from "../../scripts/prepare.mjs";
import { inFreshContexts } from "./browser.mjs";
import { installPeers } from "./install.mjs";
import { sleep } from "./job.mjs";
import { PEERS } from "./peers.mjs";
import { median, printResults, writeReport } from "./report.mjs";
import { REQUESTS_PER_OPERATION } from "./tenant.mjs";

/**
 * @typedef {import("./report.mjs").Results} Results
 * @typedef {import("./child.mjs").Task} Task
 * @typedef {keyof Results} Part
 */

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));
/** @type {{ [Part in keyof Results]: () => Promise<Results[Part]> }} */
const PARTS = { throughput, memory, coldStart, browser };

/** @type {{ quick: { type: "boolean" }, rounds: { type: "string", default: string } }} */
const options = { quick: { type: "boolean" }, rounds: { type: "string", default: "9" } };
const { values: flags, positionals } = parseArgs({ options, allowPositionals: true });
const unknown = positionals.filter((part) => !(part in PARTS));
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}`);
const parts = /** @type {Part[]} */ (positionals.length > 0 ? positionals : Object.keys(PARTS));

/** The number of rounds of a part, from its number in a full run. @param {number} whole */
const rounds = (whole) => (flags.quick ? 1 : Math.ceil((whole * Number(flags.rounds)) / 9));

// The numbers of operations in flight, in the measurement and in the warm-up.
const THROUGHPUT = flags.quick
  ? {
      rounds: rounds(9),
      cases: [
        [1, 20, 30],
        [32, 200, 300],
        [256, 256, 512],
      ],
    }
  : {
      rounds: rounds(9),
      cases: [
        [1, 500, 500],
        [32, 1_500, 2_400],
        [256, 1_500, 2_400],
      ],
    };
const MEMORY = flags.quick ? { rounds: rounds(3), operations: 500, wave: 100 } : { rounds: rounds(3), operations: 10_000, wave: 100 };
const COLD_START = { rounds: rounds(21) };
const BROWSER = { rounds: rounds(21) };

await installPeers();
await preparePackage("test");
const began = { date: new Date(), load: loadavg()[0] };
/** @type {Partial<Results>} */
const results = {};
for (const part of parts) {
  console.log(`\n${part}`);
  Object.assign(results, { [part]: await PARTS[part]() });
}
const machine = { processor: cpus()[0].model, cores: cpus().length, load: [began.load, loadavg()[0]], date: began.date };
printResults(results);
if (!flags.quick && parts.length === Object.keys(PARTS).length) await writeReport(/** @type {Results} */ (results), machine);

/** For each peer and number in flight: the rates, the processor time per operation, and how busy the server was. */
async function throughput() {
  /** @type {Results["throughput"]} */
  const results = {};
  // The bare socket is not a peer: it shows how much the server can handle.
  const peers = [...Object.keys(PEERS), "socket"];
  for (let round = 0; round < THROUGHPUT.rounds; round++) {
    for (const [inFlight, warmUp, operations] of THROUGHPUT.cases) {
      for (const peer of inTurn(peers, round)) {
        const server = await startServer();
        const before = { cpuMs: 0, time: 0 };
        const task = { what: "throughput", peer, baseUrl: server.baseUrl, inFlight, warmUp, operations };
        const found = await inChild(task, {
          async "warmed up"() {
            await server.reset();
            Object.assign(before, { cpuMs: await server.cpuMs(), time: performance.now() });
          },
        });
        found.serverBusy = ((await server.cpuMs()) - before.cpuMs) / (performance.now() - before.time);
        await server.expectRequests(operations * REQUESTS_PER_OPERATION, peer);
        server.stop();
        ((results[peer] ??= {})[inFlight] ??= []).push(found);
        told(
          `${peer}, ${inFlight} in flight`,
          `${found.perSecond.toFixed(0)}/s, ${found.cpuMs.toFixed(2)} ms, server ${(found.serverBusy * 100).toFixed(0)} %`,
        );
      }
    }
  }
  return results;
}

/** For each peer: bytes per waiting operation. */
async function memory() {
  /** @type {Results["memory"]} */
  const results = {};
  for (let round = 0; round < MEMORY.rounds; round++) {
    for (const peer of inTurn(Object.keys(PEERS), round)) {
      const server = await startServer();
      const task = { what: "memory", peer, baseUrl: server.baseUrl, operations: MEMORY.operations, wave: MEMORY.wave };
      const found = await inChild(task, {
        "warmed up": server.reset,
        async "started a wave"() {
          // Checks that each operation of the wave was started and polled once.
          await server.untilRequests(2 * MEMORY.wave, peer);
          await server.reset();
        },
      });
      server.stop();
      (results[peer] ??= []).push(found);
      told(
        peer,
        Object.entries(found)
          .map(([part, bytes]) => `${part} ${Number(bytes).toFixed(0)}`)
          .join(", "),
      );
    }
  }
  return results;
}

/** For each peer: the cold start in a new Node process, in milliseconds. */
async function coldStart() {
  /** @type {Results["coldStart"]} */
  const results = {};
  const server = await startServer();
  for (let round = 0; round < COLD_START.rounds; round++) {
    for (const peer of inTurn(Object.keys(PEERS), round)) {
      const found = await inChild({ what: "coldStart", peer, baseUrl: server.baseUrl });
      (results[peer] ??= []).push(found);
    }
  }
  server.stop();
  for (const [peer, found] of Object.entries(results)) told(peer, `sent after ${median(found.map(({ sent }) => sent)).toFixed(1)} ms`);
  return results;
}

/** For each peer: the cold start in a new browser context of Chromium, in milliseconds. */
async function browser() {
  const results = await inFreshContexts(BROWSER.rounds, inTurn, startServer);
  for (const [peer, found] of Object.entries(results.peers))
    told(peer, `sent after ${median(found.map(({ sent }) => sent)).toFixed(1)} ms`);
  return results;
}

/** The peers in the order of a round. Each round begins with another peer. @param {string[]} peers @param {number} round */
function inTurn(peers, round) {
  return peers.map((_, at) => peers[(at + round) % peers.length]);
}

/** @param {string} what @param {string} found */
function told(what, found) {
  console.log(`  ${what.padEnd(28)} ${found}`);
}

/**
 * Resolves to the result of a measurement. When it pauses at a step, the given function for that step is called.
 *
 * @param {Partial<Task> & { what: string, peer: string }} task
 * @param {Record<string, () => Promise<unknown>>} [at]
 * @returns {Promise<any>}
 */
async function inChild(task, at = {}) {
  const child = fork(CHILD, [], { execArgv: ["--expose-gc"] });
  try {
    return await new Promise((resolve, reject) => {
      child.on("message", (/** @type {any} */ { step, found }) =>
        found ? resolve(found) : at[step]().then(() => child.send("go on"), reject),
      );
      child.on("error", reject);
      child.on("exit", () => reject(new Error(`${task.what} of ${task.peer} failed`)));
      child.send(task);
    });
  } finally {
    child.kill();
  }
}

/** A server in which the operation determines how many polls it takes, however fast they come. @param {string} [www] a folder of files */
async function startServer(www) {
  const child = fork(SERVER, www === undefined ? [] : [www]);
  const [{ url }] = await once(child, "message");
  const requests = async () => Number(await (await fetch(`${url}/requests`)).text());
  /** @param {string} peer @param {number} count @param {number} expected */
  const wrong = (peer, count, expected) => new Error(`${peer} sent ${count} requests where ${expected} are due`);
  return {
    url,
    baseUrl: `${url}/beta`,
    stop: () => child.kill(),
    reset: () => fetch(`${url}/reset`, { method: "POST" }),
    /** @param {number} expected @param {string} peer */
    async expectRequests(expected, peer) {
      const count = await requests();
      if (count !== expected) throw wrong(peer, count, expected);
    },
    /** @param {number} expected @param {string} peer */
    async untilRequests(expected, peer) {
      for (let count; (count = await requests()) !== expected; await sleep(10)) if (count > expected) throw wrong(peer, count, expected);
    },
    /** The processor time of the server so far, which Linux reports in hundredths of a second. */
    async cpuMs() {
      const stat = await readFile(`/proc/${child.pid}/stat`, "utf8").catch(() => undefined);
      const [user, system] = stat?.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14) ?? [];
      return (Number(user) + Number(system)) * 10;
    },
  };
}
