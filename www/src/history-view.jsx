// The view of the history: past batches, with a link to each, its report, and a way to forget it.

import { dateTime, exactTime } from "./format.js";
import { HISTORY } from "./messages-runs.js";
import { linkTo } from "./run-links.js";

/** @import { RunPageActions } from "./run-page-actions.js" */
/** @import { PastBatch } from "./past-batches.js" */
/** @import { State } from "./state.js" */

/** @param {{ state: State, actions: RunPageActions }} properties */
export const HistoryView = ({ state: { history, historyNote, isHistoryLost }, actions }) => (
  <>
    {historyNote !== "" && <p class="problem">{historyNote}</p>}
    {isHistoryLost && <p class="problem">{HISTORY.lost}</p>}
    {history.length > 0 && <Batches history={history} actions={actions} />}
  </>
);

/** @param {{ history: PastBatch[], actions: RunPageActions }} properties */
function Batches({ history, actions }) {
  const ended = history.filter(({ running }) => running === 0);
  return (
    <details class="history">
      <summary>{HISTORY.title(history.length)}</summary>
      <p class="about">{HISTORY.about}</p>
      <ul>
        {history.map((batch) => (
          <Item key={batch.id} batch={batch} actions={actions} />
        ))}
      </ul>
      {ended.length > 1 && (
        <button type="button" class="subtle" onClick={() => void actions.history.forget(ended)}>
          {HISTORY.forgetAll}
        </button>
      )}
    </details>
  );
}

/** @param {{ batch: PastBatch, actions: RunPageActions }} properties */
const Item = ({ batch, actions }) => {
  const at = dateTime(batch.at.toISOString());
  return (
    <li>
      <a href={linkTo({ batch: batch.id })} title={exactTime(batch.at)}>
        {at}
      </a>
      <span class="about">{`${batch.service.title} · ${HISTORY.counts(batch)}`}</span>
      <span class="buttons">
        <button type="button" class="subtle" aria-label={HISTORY.reportOf(at)} onClick={() => void actions.history.report(batch)}>
          {HISTORY.report}
        </button>
        {batch.running === 0 && (
          <button type="button" class="subtle" aria-label={HISTORY.forgetOf(at)} onClick={() => void actions.history.forget([batch])}>
            {HISTORY.forget}
          </button>
        )}
      </span>
    </li>
  );
};
