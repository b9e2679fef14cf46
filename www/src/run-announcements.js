// Says to screen readers how far the runs are: totals, at most one in ten seconds, and each failure.

import { isFailure, outcomeTitle } from "./outcome.js";
import { RUNS, progress } from "./messages-runs.js";
import { totals } from "./run-totals.js";

/** @import { Run } from "./run.js" */
/** @import { Store } from "./store.js" */

const TOTALS_MS = 10_000;
/** Failures within this time are said together. */
const TOGETHER_MS = 500;
/** More failures at a time are only counted. */
const MOST_NAMES = 3;

export class RunAnnouncements {
  #store;
  /** The runs that have ended and were not said yet. @type {Set<number>} */
  #unsaid = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #lastTotals = Number.NEGATIVE_INFINITY;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** @param {number} id of a run that has ended */
  ended(id) {
    this.#unsaid.add(id);
    if (this.#timer === undefined) this.#sayAfter(TOGETHER_MS);
  }

  /** Apart from what is said, because a timer keeps all that is around it in the memory. @param {number} ms */
  #sayAfter(ms) {
    this.#timer = setTimeout(() => this.#say(), ms);
  }

  #say() {
    this.#timer = undefined;
    const all = this.#store.state.runs;
    const ended = all.filter(({ id, outcome }) => this.#unsaid.has(id) && outcome !== undefined);
    const failures = ended.filter(({ outcome }) => outcome !== undefined && isFailure(outcome));
    const others = ended.filter(({ outcome }) => outcome !== undefined && !isFailure(outcome));
    this.#unsaid = new Set(others.map(({ id }) => id));
    const now = totals(all);
    const said = failures.length > MOST_NAMES ? [RUNS.failed(failures.length)] : failures.map(sentence);
    if (others.length > 0 && all.length === 1) said.push(...this.#sayAll(others.map(sentence)));
    else if (others.length > 0 && this.#areTotalsDue(now)) said.push(...this.#sayAll([`${progress(now)}.`]));
    else if (others.length > 0) this.#sayAfter(TOTALS_MS);
    if (said.length > 0) this.#store.announced(said.join(" "));
  }

  /** @param {string[]} sentences */
  #sayAll(sentences) {
    this.#unsaid.clear();
    this.#lastTotals = performance.now();
    return sentences;
  }

  /** The end of all runs is said at once. @param {{ all: number, ended: number }} totals */
  #areTotalsDue({ all, ended }) {
    return ended === all || performance.now() - this.#lastTotals >= TOTALS_MS;
  }
}

/** @param {Run} run */
const sentence = ({ name, outcome }) => (outcome === undefined ? "" : `${name}: ${outcomeTitle(outcome)}.`);
