// The table of the runs: a line for each, of which only those in sight are in the page. Tab stops at one; arrow keys lead to the others.

import { Component } from "preact";
import { Icon, Pure } from "./elements.jsx";
import { clock, duration } from "./format.js";
import { RUNS, STAGES } from "./messages.js";
import { outcomeKind } from "./outcome.js";
import { Elapsed } from "./timed-text.jsx";

/** @import { Run } from "./run.js" */
/** @import { Store } from "./store.js" */

/** The height of a line in pixels, as in runs.css. */
const LINE = 44;
/** The lines that are there above and below those in sight. */
const MARGIN = 6;
const PAGE = 8;

/** @typedef {{ runs: Run[], paused: ReadonlySet<number>, current: number | undefined, store: Store }} Properties */

/** @extends {Component<Properties, { first: number, lines: number }>} */
export class RunTable extends Component {
  state = { first: 0, lines: 12 };
  /** @type {HTMLDivElement | null} */
  #box = null;
  /** The run whose line gets the focus when it is there. @type {number | undefined} */
  #focused;

  componentDidMount() {
    this.#look();
  }

  /** @param {Properties} before */
  componentDidUpdate(before) {
    const { runs, current } = this.props;
    if (before.current !== current) {
      const at = runs.findIndex(({ id }) => id === current);
      if (at >= 0) this.#show(at);
    }
    const line = this.#focused === undefined ? undefined : document.getElementById(`run-${this.#focused}`);
    if (!line) return;
    this.#focused = undefined;
    line.focus({ preventScroll: true });
  }

  /** @param {Properties} properties */
  render({ runs, paused, current, store }) {
    const first = Math.max(0, Math.min(this.state.first, runs.length - this.state.lines) - MARGIN);
    const last = Math.min(runs.length, first + this.state.lines + 2 * MARGIN);
    const inSight = runs.slice(first, last);
    const stop = inSight.some(({ id }) => id === current) ? current : inSight[0].id;
    return (
      <div class="run-box" ref={(box) => void (this.#box = box)} onScroll={() => this.#look()}>
        <div style={{ paddingBlockStart: `${first * LINE}px`, paddingBlockEnd: `${(runs.length - last) * LINE}px` }}>
          <table
            class="runs"
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its lines can be chosen.
            role="grid"
            aria-label={RUNS.table}
            aria-rowcount={runs.length + 1}
            onKeyDown={(event) => this.#pressed(event)}
          >
            <Head />
            <tbody>
              {inSight.map((run, at) => (
                <Line
                  key={run.id}
                  run={run}
                  at={first + at + 2}
                  isPaused={run.outcome === undefined && run.fleet !== undefined && paused.has(run.fleet)}
                  isCurrent={run.id === current}
                  isStop={run.id === stop}
                  store={store}
                />
              ))}
            </tbody>
          </table>
        </div>
      </div>
    );
  }

  /** Puts the lines in sight into the page. */
  #look() {
    if (this.#box === null) return;
    const first = Math.floor(this.#box.scrollTop / LINE);
    const lines = Math.max(1, Math.ceil(this.#box.clientHeight / LINE));
    if (first !== this.state.first || lines !== this.state.lines) this.setState({ first, lines });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { runs, current, store } = this.props;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return store.runs.opened(true);
    }
    const here = Math.max(
      0,
      runs.findIndex(({ id }) => id === current),
    );
    const there = destination(event.key, here, runs.length - 1);
    if (there === undefined) return;
    event.preventDefault();
    this.#show(there);
    this.#focused = runs[there].id;
    store.runs.chosen(runs[there].id);
    if (there === here) this.forceUpdate();
  }

  /** Scrolls a line into sight. @param {number} at */
  #show(at) {
    const box = this.#box;
    if (box === null) return;
    const room = box.clientHeight - LINE;
    if (at * LINE < box.scrollTop) box.scrollTop = at * LINE;
    else if ((at + 1) * LINE > box.scrollTop + room) box.scrollTop = (at + 1) * LINE - room;
    this.#look();
  }
}

const Head = () => (
  <thead>
    <tr aria-rowindex={1}>
      {Object.entries(RUNS.columns).map(([name, title]) => (
        <th key={name} scope="col" class={name}>
          {title}
        </th>
      ))}
    </tr>
  </thead>
);

/** @typedef {{ run: Run, at: number, isPaused: boolean, isCurrent: boolean, isStop: boolean, store: Store }} LineProperties */

/** @extends {Pure<LineProperties>} */
class Line extends Pure {
  /** @param {LineProperties} properties */
  render({ run, at, isPaused, isCurrent, isStop, store }) {
    const { icon, short, tone } = stateOf(run, isPaused);
    const choose = () => {
      store.runs.chosen(run.id);
      store.runs.opened(true);
    };
    return (
      <tr
        id={`run-${run.id}`}
        class={isCurrent ? "selected" : ""}
        aria-rowindex={at}
        aria-selected={isCurrent}
        tabindex={isStop ? 0 : -1}
        onClick={choose}
      >
        <th scope="row" class="name" title={run.name}>
          {run.name}
        </th>
        <td class={`state ${tone}`}>
          <span class="status">
            <Icon name={icon} />
            {short}
          </span>
        </td>
        <td class="since">{clock(run.startedAt)}</td>
        <td class="duration">{durationOf(run)}</td>
      </tr>
    );
  }
}

/** @param {Run} run @param {boolean} isPaused */
function stateOf({ outcome, stage, isElsewhere }, isPaused) {
  if (outcome !== undefined) return outcomeKind(outcome);
  if (isElsewhere) return { ...STAGES.elsewhere, tone: "" };
  return { ...(isPaused ? STAGES.paused : (STAGES[/** @type {keyof typeof STAGES} */ (stage)] ?? STAGES.unknown)), tone: "" };
}

/** @param {Run} run */
function durationOf({ startedAt, endedAt, stage, outcome }) {
  if (endedAt !== undefined) return outcome?.kind === "takenBack" ? "–" : duration(endedAt.valueOf() - startedAt.valueOf());
  return stage === "waiting" ? "–" : <Elapsed since={startedAt} />;
}

/** @param {string} key @param {number} here @param {number} last */
function destination(key, here, last) {
  /** @type {Record<string, number>} */
  const lines = { ArrowUp: here - 1, ArrowDown: here + 1, PageUp: here - PAGE, PageDown: here + PAGE, Home: 0, End: last };
  return Object.hasOwn(lines, key) ? Math.min(last, Math.max(0, lines[key])) : undefined;
}
