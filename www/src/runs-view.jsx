// The view of all runs: those that wait for a token after a reload, a summary, each run, and the report.

import { Icon, Message } from "./elements.jsx";
import { outcomeKind } from "./outcome.js";
import { RunView } from "./run-view.jsx";
import { count } from "./format.js";

/** @import { Actions } from "./actions.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { State, Store } from "./store.js" */
/** @import { ResumableRun } from "./resumable-runs.js" */

/** @param {{ state: State, store: Store, actions: Actions }} properties */
export function RunsView({ state: { runs, timelines, copied }, store, actions }) {
  if (runs.length === 0) {
    return (
      <Message tone="quiet" icon="started" title="Nothing has been run yet">
        <p>Choose one device or several, and press Run diagnostics. Each run is followed here until its logs are ready.</p>
      </Message>
    );
  }
  return (
    <>
      <div class="overview">
        <p>{overview(runs)}</p>
        <button type="button" class="subtle" aria-pressed={!timelines} onClick={() => store.timelinesToggled()}>
          Hide timelines
        </button>
      </div>
      {runs.map((run) => (
        <RunView key={run.id} run={run} withTimeline={timelines} isCopied={copied === `support-${run.id}`} actions={actions} />
      ))}
    </>
  );
}

/** @param {{ runs: Run[], actions: Actions }} properties */
export const ReportView = ({ runs, actions }) =>
  runs.length > 0 && (
    <section class="card" aria-labelledby="report-heading" tabindex={-1}>
      <h2 id="report-heading">Report</h2>
      <p class="about">
        {`The report of ${runs.length === 1 ? "this run" : `these ${runs.length} runs`}: device, outcome, times, request ids. `}It contains
        no token.
      </p>
      <div class="buttons">
        <button type="button" onClick={() => actions.download("csv")}>
          <Icon name="download" />
          Download CSV
        </button>
        <button type="button" onClick={() => actions.download("json")}>
          <Icon name="download" />
          Download JSON
        </button>
      </div>
    </section>
  );

/** @param {{ state: State, actions: Actions }} properties */
export function ResumableRunsView({ state: { resumableRuns, service, services }, actions }) {
  if (resumableRuns.length === 0) return null;
  const ours = resumableRuns.filter(({ cloud }) => cloud === service.cloud);
  const others = resumableRuns.filter((run) => !ours.includes(run));
  return (
    <section class="card unfinished" aria-labelledby="unfinished-heading" tabindex={-1}>
      <h2 id="unfinished-heading">
        <Icon name="retry" />
        Unfinished runs
      </h2>
      {ours.length > 0 && <ResumableHere runs={ours} actions={actions} />}
      {others.length > 0 && (
        <p>{`${count(others.length, "run")} of another Graph: to continue, choose ${titles(others, services)} above.`}</p>
      )}
    </section>
  );
}

/** @param {{ runs: ResumableRun[], actions: Actions }} properties */
const ResumableHere = ({ runs, actions }) => (
  <>
    <p>
      {runs.length === 1 ? "A run was" : `${runs.length} runs were`} not finished when this page was left. Tokens are not kept: paste one,
      or sign in again.
    </p>
    <ul>
      {runs.map(({ location, deviceId, deviceName }) => (
        <li key={location}>{deviceName ?? deviceId}</li>
      ))}
    </ul>
    <button type="button" class="primary" onClick={() => actions.resume()}>
      {`Go on with ${count(runs.length, "run")}`}
    </button>
  </>
);

/** @param {ResumableRun[]} left @param {Service[]} services */
function titles(left, services) {
  const clouds = new Set(left.map(({ cloud }) => cloud));
  return services
    .filter(({ cloud }) => clouds.has(cloud))
    .map(({ title }) => title)
    .join(", ");
}

/** A summary, for example "2 running, 1 succeeded". @param {Run[]} runs */
function overview(runs) {
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const { outcome } of runs) {
    const word = outcome === undefined ? "running" : outcomeKind(outcome).short.toLowerCase();
    times.set(word, (times.get(word) ?? 0) + 1);
  }
  return [...times].map(([word, number]) => `${number} ${word}`).join(", ");
}
