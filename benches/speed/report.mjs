// Reports the results on the console, in docs/speed.md and in docs/speed.svg.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeGenerated } from "../../scripts/generated.mjs";
import { ROOT } from "../../scripts/tools.mjs";
import { chart } from "./chart.mjs";
import { versions } from "./install.mjs";
import { PEERS } from "./peers.mjs";

/**
 * @typedef {{ perSecond: number, cpuMs: number, serverBusy: number }} Throughput
 *
 * Bytes of an operation.
 *
 * @typedef {{ heap: number, external: number, wasm: number, rss: number }} Memory
 *
 * Milliseconds since the beginning of the import.
 *
 * @typedef {{ imported: number, sent: number, responded: number, ended: number }} Start
 *
 * The rounds of each peer.
 *
 * @typedef {object} Results
 * @property {Record<string, Record<string, Throughput[]>>} throughput by peer and number of operations in flight
 * @property {Record<string, Memory[]>} memory
 * @property {Record<string, Start[]>} coldStart
 * @property {{ version: string, peers: Record<string, Start[]> }} browser
 *
 * @typedef {object} Measure
 * @property {string} what
 * @property {string} [of] the peer that it is compared with
 * @property {(results: Results) => number} found
 * @property {(found: number) => string} text
 * @property {{ text: string, isReached: (found: number) => boolean }[]} aims
 *
 * @typedef {{ title: string, heads: string[], rows: string[][] }} Table
 */

const OWN = "package";
const REFERENCE = "fetch";

/**
 * The operations per second of this package: the median of the ratios to another peer in the same round.
 *
 * @param {Results} results
 * @param {number} inFlight
 * @param {string} reference
 */
const rate = ({ throughput }, inFlight, reference) => {
  /** @param {string} peer */
  const rounds = (peer) => throughput[peer][inFlight].map(({ perSecond }) => perSecond);
  return median(rounds(OWN).map((found, round) => found / rounds(reference)[round]));
};
/** @param {number} found */
const times = (found) => found.toFixed(2);

/** Aims for the ratio of operations per second to another peer; the last is the highest. @type {(aims: number[], inFlight: number, reference: string) => Measure} */
const atLeast = (aims, inFlight, reference) => ({
  what: `operations per second with ${inFlight} in flight, compared with ${PEERS[reference]?.name}`,
  of: reference,
  found: (results) => rate(results, inFlight, reference),
  text: times,
  aims: aims.map((least) => ({ text: `at least ${least}`, isReached: (found) => found >= least })),
});

/**
 * The aims of this package. The standard of comparison is fetch as a careful author writes it: bare fetch can neither be aborted nor time
 * out, and an AbortController alone costs 6 to 10 % of the operations per second in Node.
 *
 * @type {Measure[]}
 */
const ALL_AIMS = [
  ...[
    { inFlight: 1, aims: [0.95] },
    { inFlight: 32, aims: [0.8, 0.9] },
    { inFlight: 256, aims: [0.75, 0.9] },
  ].map(({ inFlight, aims }) => atLeast(aims, inFlight, "fetch-careful")),
  ...[32, 256].flatMap((inFlight) => [
    atLeast([1], inFlight, "ky"),
    atLeast([1], inFlight, "kiota"),
    atLeast([0.97], inFlight, "graph-client"),
  ]),
  ...[32, 256].map((inFlight) => atLeast([1.15], inFlight, "before")),
  {
    what: "memory of a waiting operation",
    found: ({ memory }) => middle(memory[OWN], counted),
    text: (found) => kb(found),
    aims: [5.1, 4.4].map((most) => ({ text: `at most ${most} KB`, isReached: (found) => found <= most * 1_000 })),
  },
  {
    what: "time to the first request after a cold start in Node, compared with the version before",
    of: "before",
    found: ({ coldStart }) => middle(coldStart[OWN], ({ sent }) => sent) / middle(coldStart.before, ({ sent }) => sent),
    text: times,
    aims: [{ text: "at most 1.05", isReached: (found) => found <= 1.05 }],
  },
];
const AIMS = ALL_AIMS.filter(({ of }) => of === undefined || of in PEERS);

/** @param {number[]} numbers */
export function median(numbers) {
  return quantile(numbers, 0.5);
}

/** @param {number[]} numbers @param {number} share */
function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

/** @template Round @param {Round[]} rounds @param {(round: Round) => number} of */
const middle = (rounds, of) => median(rounds.map(of));

/**
 * The median of a peer's ratios to the reference in the same round.
 *
 * @template Result
 * @param {Record<string, Result>} results
 * @param {string} peer
 * @param {(result: Result) => number[]} rounds
 */
function ratio(results, peer, rounds) {
  const reference = rounds(results[REFERENCE]);
  return median(rounds(results[peer]).map((found, round) => found / reference[round]));
}

/** The memory of an operation that can be attributed to it. The resident set also has much that cannot. @param {Memory} memory */
const counted = ({ heap, external }) => heap + external;
/** @param {number} bytes */
const kb = (bytes) => `${(bytes / 1_000).toFixed(2)} KB`;

/**
 * The median, and the quartiles around it.
 *
 * @template Round
 * @param {Round[]} rounds
 * @param {(round: Round) => number} of
 * @param {number} digits
 */
function spread(rounds, of, digits) {
  const numbers = rounds.map(of);
  /** @param {number} share */
  const text = (share) => quantile(numbers, share).toFixed(digits);
  return rounds.length > 1 ? `${text(0.5)} (${text(0.25)} to ${text(0.75)})` : text(0.5);
}

/** The tables: each has a title, the heads of its columns, and rows that begin with the name of a peer. @param {Partial<Results>} results */
function tables({ throughput, memory, coldStart, browser }) {
  /** @type {Table[]} */
  const found = [];
  /** @param {string} peer */
  const name = (peer) => (peer === OWN ? `**${PEERS[peer].name}**` : PEERS[peer].name);
  /** @template Result @param {Record<string, Result>} results @param {(result: Result, peer: string) => string[]} cells */
  const rows = (results, cells) => Object.keys(PEERS).map((peer) => [name(peer), ...cells(results[peer], peer)]);
  if (throughput) {
    const cases = Object.keys(throughput[OWN]);
    /** @param {(round: Throughput) => number} of @param {number} digits @param {string} unit */
    const columns = (of, digits, unit) => ({
      heads: cases.flatMap((inFlight) => [`${inFlight} in flight${unit}`, "of fetch"]),
      rows: rows(throughput, (results, peer) =>
        cases.flatMap((inFlight) => {
          /** @param {Record<string, Throughput[]>} all */
          const rounds = (all) => all[inFlight].map(of);
          return [spread(results[inFlight], of, digits), ratio(throughput, peer, rounds).toFixed(2)];
        }),
      ),
    });
    found.push({ title: "Operations per second", ...columns(({ perSecond }) => perSecond, 0, "") });
    found.push({ title: "Processor time of an operation", ...columns(({ cpuMs }) => cpuMs, 2, ", ms") });
  }
  if (memory) {
    const parts = /** @type {const} */ (["heap", "external", "wasm", "rss"]);
    /** @param {Memory[]} rounds */
    const cells = (rounds) => [
      kb(middle(rounds, counted)),
      kb(middle(rounds, counted) - middle(memory[REFERENCE], counted)),
      ...parts.map((part) => kb(middle(rounds, (found) => found[part]))),
    ];
    const heads = ["total", "more than fetch", "heap", "external", "WebAssembly (part of external)", "resident set"];
    found.push({ title: "Memory of an operation that waits", heads, rows: rows(memory, cells) });
  }
  /** @param {string} title @param {Record<string, Start[]>} results */
  const starts = (title, results) => {
    const heads = ["imported after, ms", "first request sent", "first response"];
    /** @param {Start[]} rounds */
    const cells = (rounds) =>
      /** @type {const} */ (["imported", "sent", "responded"]).map((event) => spread(rounds, (start) => start[event], 1));
    found.push({ title, heads, rows: rows(results, cells) });
  };
  if (coldStart) starts("Cold start in Node", coldStart);
  if (browser) starts("Cold start in Chromium", browser.peers);
  return found;
}

/** @param {Partial<Results>} results */
export function printResults(results) {
  for (const { title, heads, rows } of tables(results)) {
    const lines = [["", ...heads], ...rows.map(([name, ...cells]) => [name.replaceAll("*", ""), ...cells])];
    const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
    console.log(`\n${title}`);
    for (const line of lines) console.log(line.map((cell, at) => (at ? cell.padStart(widths[at] + 2) : cell.padEnd(widths[at]))).join(""));
  }
  if (results.throughput) console.log(`\n${server(results.throughput)}`);
}

/** @param {Results["throughput"]} throughput */
function server({ socket }) {
  const cells = Object.entries(socket).map(
    ([inFlight, rounds]) =>
      `${middle(rounds, ({ perSecond }) => perSecond).toFixed(0)} with ${inFlight} in flight (${(middle(rounds, ({ serverBusy }) => serverBusy) * 100).toFixed(0)} % busy)`,
  );
  return `With bare sockets instead of a client, the server completes these operations per second: ${cells.join(", ")}.`;
}

/**
 * @param {Results} results
 * @param {{ processor: string, cores: number, load: number[], date: Date }} machine
 */
export async function writeReport(results, { processor, cores, load, date }) {
  const { throughput, memory, coldStart, browser } = results;
  const counts = [throughput[OWN][1], memory[OWN], coldStart[OWN], browser.peers[OWN]].map(({ length }) => length);
  const libraries = Object.keys(PEERS).map(versions).filter(Boolean).join(", ");
  const text = [
    "![Bars for each peer: operations per second, processor time, memory and cold start](speed.svg)",
    "## Aims",
    table(
      ["", "measured", "aim"],
      AIMS.map(({ what, found, text, aims }) => {
        const value = found(results);
        return [what, text(value), aims.map((aim) => `${aim.text}: ${aim.isReached(value) ? "reached" : "**missed**"}`).join("; ")];
      }),
    ),
    ...tables(results).flatMap(({ title, heads, rows }) => [`## ${title}`, table(["", ...heads], rows)]),
    server(throughput),
    `Measured on ${date.toISOString().slice(0, 10)} with Node ${process.versions.node} and Chromium ${browser.version} on ${cores} cores of ${processor}, ` +
      `load ${load[0].toFixed(1)} at the beginning and ${load[1].toFixed(1)} at the end; ${libraries}. ` +
      `Medians of ${counts[0]} rounds for throughput, ${counts[1]} for memory, ${counts[2]} for the cold start in Node and ${counts[3]} in Chromium; ` +
      "the middle half of the rounds is in brackets.",
  ];
  await writeGenerated("speed.md", "measured", text.join("\n\n"));
  await writeFile(join(ROOT, "docs", "speed.svg"), chart(panels(results)));
}

/** @param {string[]} heads @param {string[][]} rows */
function table(heads, rows) {
  /** @param {string[]} cells */
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(heads), `|${heads.map((_, at) => (at ? "---:" : "---")).join("|")}|`, ...rows.map(line)].join("\n");
}

/** @param {Results} results @returns {import("./chart.mjs").Panel[]} */
function panels({ throughput, memory, coldStart, browser }) {
  /** @param {string} title @param {(peer: string) => number} value @param {(value: number) => string} text */
  const panel = (title, value, text) => ({
    title,
    bars: Object.entries(PEERS).map(([peer, { name }]) => ({ name, isOwn: peer === OWN, value: value(peer), text: text(value(peer)) })),
  });
  /** @param {number} value */
  const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  return [
    panel(
      "operations/s, 32 in flight",
      (peer) => middle(throughput[peer][32], ({ perSecond }) => perSecond),
      (value) => value.toFixed(0),
    ),
    panel(
      "processor time of one",
      (peer) => middle(throughput[peer][32], ({ cpuMs }) => cpuMs),
      (value) => `${value.toFixed(2)} ms`,
    ),
    panel("memory of one that waits", (peer) => middle(memory[peer], counted), kb),
    panel("first request, Node", (peer) => middle(coldStart[peer], ({ sent }) => sent), ms),
    panel("first request, Chromium", (peer) => middle(browser.peers[peer], ({ sent }) => sent), ms),
  ];
}
