// The runs from before a reload that wait for a token.

import { Icon } from "./elements.jsx";
import { RESUMABLE } from "./messages.js";

/** @import { Actions } from "./actions.js" */
/** @import { Service } from "./service.js" */
/** @import { State } from "./state.js" */
/** @import { ResumableRun } from "./resumable-runs.js" */

/** @param {{ state: State, actions: Actions }} properties */
export function ResumableRunsView({ state: { resumableRuns, service, services }, actions }) {
  if (resumableRuns.length === 0) return null;
  const ours = resumableRuns.filter(({ cloud }) => cloud === service.cloud);
  const others = resumableRuns.filter((run) => !ours.includes(run));
  return (
    <section class="card unfinished" aria-labelledby="unfinished-heading" tabindex={-1}>
      <h2 id="unfinished-heading">
        <Icon name="retry" />
        {RESUMABLE.title}
      </h2>
      {ours.length > 0 && <ResumableHere runs={ours} actions={actions} />}
      {others.length > 0 && <p>{RESUMABLE.others(others.length, titles(others, services))}</p>}
    </section>
  );
}

/** @param {{ runs: ResumableRun[], actions: Actions }} properties */
const ResumableHere = ({ runs, actions }) => (
  <>
    <p>{RESUMABLE.why(runs.length)}</p>
    <ul>
      {runs.map(({ record: { deviceId }, deviceName }) => (
        <li key={deviceId}>{deviceName ?? deviceId}</li>
      ))}
    </ul>
    <button type="button" class="primary" onClick={() => actions.runs.resume()}>
      {RESUMABLE.goOn(runs.length)}
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
