// Runs very many operations through the package in one Node process, to check that memory stays flat and nothing is left at the end.
//
//   npm run soak                          100,000 operations, about two minutes
//   npm run soak -- --operations 20000    another number; with fewer operations the trend of the heap means little
//
// The built package runs against a scripted Graph in memory, 64 calls at a time, in a mix of all ways in which a call can end. Timers of
// up to ten seconds fire after a thousandth of their time. Longer ones are time limits of requests and calls, and are not changed.
//
// After every 5,000 operations, with nothing in flight and after a garbage collection, it takes a measurement. "Flat" means, from the end
// of the warm-up to the end of the run:
// - WebAssembly memory does not grow at all (it grows in steps of 64 KiB), and WebAssembly does not hold more JavaScript values,
// - the trend of the JavaScript heap is below 8 bytes per operation: less than one leaked pointer.
// "Nothing left" means that there is no timer (counted here and by Node), listener or request at any measurement.
//
// The operations of the mix are all followed until they end. Operations that no call follows stay in the token store, which keeps the last
// 10,000. Therefore 10,000 operations are started and left alone at the end, six times. The first round fills the store. The second may
// take another page, because the freed entries have other sizes than the new ones. Later rounds must not take any memory.
import "./with-gc.mjs";
import { parseArgs } from "node:util";
import { judge, judgeRemembered, left, measure, printHead } from "./measure.mjs";
import { SCENARIOS, starts } from "./scenarios.mjs";
import { service } from "./surroundings.mjs";

/** @typedef {import("./scenarios.mjs").Customer} Customer */

const IN_FLIGHT = 64;
const MEASURE_EVERY = 5_000;
const REMEMBERED = 10_000;
const LEFT_ALONE_ROUNDS = 6;
const WARM_UP = 20_000;

const { values } = parseArgs({ options: { operations: { type: "string", default: "100000" } } });
const OPERATIONS = Number(values.operations);
if (!Number.isInteger(OPERATIONS) || OPERATIONS < 1) throw new Error("--operations must be a whole number, 1 or more");

/** The number of the next operation. */
let next = 0;

console.log(`${OPERATIONS.toLocaleString("en")} operations, ${IN_FLIGHT} in flight, ${Object.keys(SCENARIOS).length} ways to end\n`);
const began = performance.now();
printHead();
const mix = Object.values(SCENARIOS);
const samples = [];
for (let done = -WARM_UP; done < OPERATIONS; ) {
  const next = Math.min(done + MEASURE_EVERY, done < 0 ? 0 : OPERATIONS);
  await soak(next - done, (number) => mix[number % mix.length]);
  done = next;
  samples.push(await measure(done < 0 ? "warm-up" : done));
}
const leftAlone = [];
for (let round = 0; round < LEFT_ALONE_ROUNDS; round++) {
  await soak(REMEMBERED, () => starts({}));
  leftAlone.push(await measure("left alone"));
}
const problems = [
  ...judge(samples.filter(({ done }) => done !== "warm-up")),
  ...judgeRemembered(leftAlone),
  ...left([...samples, ...leftAlone]),
];
console.log(
  `\n${((performance.now() - began) / 1_000).toFixed(0)} s. ${problems.length === 0 ? "Flat, and nothing left." : `NOT FLAT:\n- ${problems.join("\n- ")}`}`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Performs operations, some at the same time. @param {number} operations @param {(number: number) => Customer} scenarioOf */
async function soak(operations, scenarioOf) {
  const end = next + operations;
  const customer = async () => {
    while (next < end) {
      const device = `d${next}`;
      await scenarioOf(next++)(device);
      service.forget(device);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, customer));
}
