// The view of the runs: how far they are, what can be done with all of them, the table, and the details of one.

import { Icon, chosen } from "./elements.jsx";
import { NoRuns } from "./no-runs.jsx";
import { clock } from "./format.js";
import { HistoryView } from "./history-view.jsx";
import { OUTCOMES, formatted } from "./messages.js";
import { BUTTONS, NOTIFICATION, RUNS, progress, runs as runsText } from "./messages-runs.js";
import { isWorthAgain } from "./outcome.js";
import { KINDS, canGoOn } from "./run-outcome.js";
import { isFollowed, isUnsent, isWaitedFor } from "./run-phase.js";
import { RunTable } from "./run-table.jsx";
import { batchRuns, isPaused, kinds, pausedFleets, shownRuns, timeLeft, totals } from "./run-totals.js";
import { RunView } from "./run-view.jsx";

/** @import { RunPageActions } from "./run-page-actions.js" */
/** @import { Run } from "./run.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** @param {{ state: State, store: Store, actions: RunPageActions }} properties */
export function RunsView({ state, store, actions }) {
  if (state.runs.length === 0) {
    return (
      <>
        <NoRuns />
        <HistoryView state={state} actions={actions} />
      </>
    );
  }
  const all = batchRuns(state);
  const shown = shownRuns(state);
  const paused = pausedFleets(state);
  const run = state.runs.find(({ id }) => id === state.run);
  return (
    <>
      <Overview state={state} runs={all} store={store} actions={actions} />
      <Chips runs={all} outcome={state.outcome} store={store} />
      <BulkActions runs={all} shown={shown} actions={actions} />
      {shown.length > 0 ? (
        <RunTable runs={shown} paused={paused} current={state.run} store={store} />
      ) : (
        <p class="about">{RUNS.noneShown}</p>
      )}
      {!state.isNarrow && run !== undefined && (
        <RunView run={run} isPaused={isPaused(state, run)} isCopied={state.copied === `run-${run.id}`} actions={actions} />
      )}
      <HistoryView state={state} actions={actions} />
    </>
  );
}

/** The link to the runs while their table is out of sight. @param {{ runs: Run[] }} properties */
export function RunningBar({ runs }) {
  const running = runs.filter(isWaitedFor).length;
  return (
    running > 0 && (
      <p class="running">
        <span>{RUNS.running(running)}</span> · <a href="#runs">{RUNS.view}</a>
      </p>
    )
  );
}

/** @param {{ state: State, runs: Run[], store: Store, actions: RunPageActions }} properties */
function Overview({ state: { batches, batch, fleets, notification }, runs, store, actions }) {
  const now = totals(runs);
  const ours = fleets.filter((fleet) => batch === undefined || fleet.batch === batch);
  return (
    <div class="overview">
      <Segments totals={now} />
      <p>{progress({ ...now, timeLeftMs: timeLeft(ours) })}</p>
      {batches.length > 1 && (
        <label class="batch">
          <span class="visually-hidden">{RUNS.batch}</span>
          <select
            value={batch ?? ""}
            autocomplete="off"
            onChange={chosen((id) => store.runs.filtered({ batch: id || undefined, outcome: undefined }))}
          >
            <option value="">{RUNS.allBatches}</option>
            {batches.map(({ id, at }) => (
              <option key={id} value={id}>
                {RUNS.startedAt(clock(at))}
              </option>
            ))}
          </select>
        </label>
      )}
      {runs.some(isWaitedFor) && <Notify state={notification} actions={actions} />}
    </div>
  );
}

/** @param {{ state: State["notification"], actions: RunPageActions }} properties */
const Notify = ({ state, actions }) =>
  state === "missing" ? null : state === "denied" ? (
    <span class="about">{NOTIFICATION.denied}</span>
  ) : (
    <label class="notify">
      <input type="checkbox" checked={state === "on"} onChange={() => void actions.notification.switch()} />
      {NOTIFICATION.choice}
    </label>
  );

/** The bar whose segments are the runs that succeeded, failed, ended otherwise, run, and wait. @param {{ totals: ReturnType<typeof totals> }} properties */
function Segments({ totals: { all, ended, succeeded, failed, running } }) {
  /** @type {[string, number][]} */
  const segments = [
    ["good", succeeded],
    ["bad", failed],
    ["warn", ended - succeeded - failed],
    ["accent", running],
    ["rest", all - ended - running],
  ];
  // The text beside it says the same.
  return (
    <div class="segments" aria-hidden="true">
      {segments.map(([tone, number]) => number > 0 && <span key={tone} class={tone} style={{ flexGrow: String(number) }} />)}
    </div>
  );
}

/** @param {{ runs: Run[], outcome: State["outcome"], store: Store }} properties */
function Chips({ runs, outcome, store }) {
  const counts = kinds(runs);
  const running = runs.filter(isWaitedFor).length;
  /** @type {[State["outcome"], string, number][]} */
  const chips = [
    [undefined, RUNS.all, runs.length],
    ...KINDS.map((kind) => /** @type {[State["outcome"], string, number]} */ ([kind, OUTCOMES[kind].short, counts.get(kind) ?? 0])),
    ["running", RUNS.unfinished, running],
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields.
    <div class="chips" role="group" aria-label={RUNS.show}>
      {chips.map(
        ([kind, title, number]) =>
          (number > 0 || kind === outcome) && (
            <button
              key={kind ?? "all"}
              type="button"
              class="chip"
              aria-pressed={kind === outcome}
              onClick={() => store.runs.filtered({ outcome: kind === outcome ? undefined : kind })}
            >
              {`${title} ${formatted(number)}`}
            </button>
          ),
      )}
    </div>
  );
}

/** @param {{ runs: Run[], shown: Run[], actions: RunPageActions }} properties */
function BulkActions({ runs, shown, actions }) {
  const ended = runs.filter((run) => !isWaitedFor(run));
  const unsent = runs.filter(isUnsent);
  const failed = ended.filter(({ outcome }) => outcome !== undefined && isWorthAgain(outcome));
  const open = ended.filter(({ outcome }) => outcome !== undefined && canGoOn(outcome));
  /** @type {[string, Run[], (runs: Run[]) => void][]} */
  const all = [
    [BUTTONS.runFailedAgain, failed, (runs) => actions.runs.runFailedAgain(runs)],
    [BUTTONS.goOnAll, open, (runs) => actions.runs.goOn(runs)],
    [BUTTONS.stopAll, runs.filter(isFollowed), (runs) => actions.runs.stop(runs)],
    [BUTTONS.takeBackAll, unsent, (runs) => actions.runs.takeBack(runs)],
    [BUTTONS.removeEnded, ended, (runs) => actions.runs.remove(runs)],
    [BUTTONS.selectDevices, shown, (runs) => actions.runs.selectDevices(runs)],
    [BUTTONS.csv, runs, (runs) => actions.runs.download("csv", runs)],
    [BUTTONS.json, runs, (runs) => actions.runs.download("json", runs)],
  ];
  // All buttons stay in their places, whatever can be done at the moment.
  return (
    <div class="bulk" role="toolbar" aria-label={RUNS.actions}>
      {all.map(([name, meant, act]) => (
        <button
          key={name}
          type="button"
          class="subtle"
          aria-disabled={meant.length === 0}
          title={runsText(meant.length)}
          onClick={() => meant.length > 0 && act(meant)}
        >
          {(name === BUTTONS.csv || name === BUTTONS.json) && <Icon name="download" />}
          {name}
        </button>
      ))}
    </div>
  );
}
