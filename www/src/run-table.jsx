// The table of the runs, a line for each. Tab stops at the chosen one; arrow keys lead to the others.

import { Component } from "preact";
import { Icon, Pure } from "./elements.jsx";
import { clock } from "./format.js";
import { RUNS, STAGES, duration } from "./messages-runs.js";
import { outcomeKind } from "./outcome.js";
import { RowBox } from "./row-box.jsx";
import { destination } from "./row-window.js";
import { Elapsed } from "./run-times.jsx";

/** @import { Run } from "./run.js" */
/** @import { Store } from "./store.js" */

const COLUMN_COUNT = Object.keys(RUNS.columns).length;

/** @typedef {{ runs: Run[], paused: ReadonlySet<number>, current: number | undefined, store: Store }} Properties */

/** @extends {Component<Properties>} */
export class RunTable extends Component {
  /** @type {RowBox | undefined} */
  #box;
  #hold = (/** @type {RowBox} */ box) => void (this.#box = box);
  /** Whether the line of the chosen run shall get the focus. */
  #isMoving = false;

  componentDidMount() {
    this.#box?.reveal(this.#chosen());
  }

  /** @param {Properties} before */
  componentDidUpdate(before) {
    if (before.current !== this.props.current) this.#box?.reveal(this.#chosen());
    if (this.#isMoving) this.#box?.focusStop();
    this.#isMoving = false;
  }

  /** @param {Properties} properties */
  render({ runs, paused, current, store }) {
    const stop = this.#chosen();
    const line = (/** @type {number} */ at) => (
      <Line
        key={runs[at].id}
        run={runs[at]}
        at={at + 2}
        isPaused={runs[at].outcome === undefined && runs[at].fleet !== undefined && paused.has(runs[at].fleet)}
        isCurrent={runs[at].id === current}
        isStop={at === stop}
        store={store}
      />
    );
    return (
      <RowBox hold={this.#hold} class="run-box" count={runs.length} stop={stop} columns={COLUMN_COUNT} row={line}>
        {(lines) => (
          <table
            class="runs"
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its lines can be chosen.
            role="grid"
            aria-label={RUNS.table}
            aria-rowcount={runs.length + 1}
            onKeyDown={(event) => this.#pressed(event)}
          >
            <Head />
            <tbody>{lines}</tbody>
          </table>
        )}
      </RowBox>
    );
  }

  /** The line of the chosen run, or the first one if a filter hides it. */
  #chosen() {
    const { runs, current } = this.props;
    return Math.max(
      0,
      runs.findIndex(({ id }) => id === current),
    );
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { runs, store } = this.props;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return store.runs.opened(true);
    }
    const there = destination(event.key, { here: this.#chosen(), last: runs.length - 1, page: this.#box?.page ?? 1 });
    if (there === undefined) return;
    event.preventDefault();
    this.#isMoving = true;
    store.runs.chosen(runs[there].id);
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
