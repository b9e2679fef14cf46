// Measurements of memory and of what is left, and what they must not show.
import { instances, listeners, service, timers } from "./surroundings.mjs";

const HEAP_BYTES_PER_OPERATION = 8;

/**
 * @typedef {Awaited<ReturnType<typeof measure>>} Sample
 * @typedef {Exclude<keyof Sample, "done">} Measured
 */

/** Takes a sample after a garbage collection. @param {number | string} done the operations so far, or what they were for */
export async function measure(done) {
  // Twice, because objects that are finalised in the first collection are freed in the second.
  for (let time = 0; time < 2; time++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const found = {
    done,
    heapUsed,
    external,
    arrayBuffers,
    wasm: instances[0].memory.buffer.byteLength,
    values: held(instances[0].values),
    timers: timers.size,
    resources: process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length,
    listeners: listeners(),
    requests: service.open.size,
  };
  printSample(found);
  return found;
}

/**
 * The number of JavaScript values in a table, whose free entries are null. Its length is only the maximum so far.
 *
 * @param {WebAssembly.Table} table
 */
function held(table) {
  let values = 0;
  for (let at = 0; at < table.length; at++) values += table.get(at) === null ? 0 : 1;
  return values;
}

/** What grows in the samples of the mix. @param {Sample[]} samples */
export function judge(samples) {
  const [first, last] = [samples[0], samples[samples.length - 1]];
  /** @param {Measured} what */
  const grown = (what) => last[what] - first[what];
  /** @param {Measured} what */
  const per100000 = (what) => bytes((grown(what) / (Number(last.done) - Number(first.done))) * 100_000);
  const trend = slope(samples.map(({ done, heapUsed }) => [Number(done), heapUsed]));
  console.log(
    `\nGrowth per 100,000 operations: heap ${bytes(trend * 100_000)} (trend), external ${per100000("external")}, ` +
      `WebAssembly ${per100000("wasm")}; JavaScript values held by it ${grown("values")} in all`,
  );
  /** @type {string[]} */
  const problems = [];
  if (trend > HEAP_BYTES_PER_OPERATION) problems.push(`the heap grows by ${trend.toFixed(1)} bytes an operation`);
  if (grown("wasm") > 0) problems.push(`WebAssembly memory grew by ${bytes(grown("wasm"))}`);
  if (grown("values") > 0) problems.push(`WebAssembly holds ${grown("values")} JavaScript values more`);
  return problems;
}

/** What grows in the rounds of operations that are left alone. @param {Sample[]} rounds */
export function judgeRemembered([, settled, ...later]) {
  /** @param {Measured} what */
  const most = (what) => Math.max(...later.map((found) => found[what]));
  /** @param {Measured} what */
  const problem = (what) => `operations are remembered without end: ${what} ${settled[what]}, then ${most(what)}`;
  return /** @type {const} */ (["wasm", "values"]).filter((what) => most(what) > settled[what]).map(problem);
}

/** What the samples found left. @param {Sample[]} samples */
export function left(samples) {
  return /** @type {const} */ (["timers", "resources", "listeners", "requests"]).flatMap((what) => {
    const some = samples.filter((found) => found[what] > 0);
    return some.length > 0 ? [`${what} were left at ${some.length} samples, ${some[some.length - 1][what]} at the last of them`] : [];
  });
}

/** @param {number} number */
function bytes(number) {
  return `${Math.round(number).toLocaleString("en")} bytes`;
}

/** The slope of a line through the points, by least squares. @param {[number, number][]} points */
function slope(points) {
  /** @param {0 | 1} at */
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

/** Prints the heads of the columns. */
export function printHead() {
  console.log(
    ["operations", "heap KiB", "external", "buffers", "wasm KiB", "js values", "timers", "by Node", "listeners", "requests"]
      .map((text) => text.padStart(11))
      .join(""),
  );
}

/** @param {Sample} sample */
function printSample({ done, heapUsed, external, arrayBuffers, wasm, values, timers, resources, listeners, requests }) {
  /** @param {number} bytes */
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  const cells = [done, kib(heapUsed), kib(external), kib(arrayBuffers), kib(wasm), values, timers, resources, listeners, requests];
  console.log(cells.map((cell) => String(cell).padStart(11)).join(""));
}
