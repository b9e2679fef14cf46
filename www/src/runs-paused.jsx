// The banner while runs are paused: why, and how to mend it.

import { Icon } from "./elements.jsx";
import { PAUSES } from "./messages-runs.js";
import { isWaitedFor } from "./run-phase.js";

/** @import { RunPageActions } from "./run-page-actions.js" */
/** @import { State } from "./state.js" */

const REASONS = /** @type {const} */ (["offline", "unauthorized", "signedOut"]);
const WAYS = { offline: PAUSES.wait, unauthorized: PAUSES.mend, signedOut: PAUSES.afterReload };

/** @param {{ state: State, actions: RunPageActions }} properties */
export function PausedView({ state: { fleets, runs }, actions }) {
  // One banner: without a network, nobody could sign in.
  const reason = REASONS.find((reason) => fleets.some(({ pausedFor }) => pausedFor === reason));
  const paused = fleets.filter(({ pausedFor }) => pausedFor === reason);
  if (reason === undefined || paused.length === 0) return null;
  const ids = new Set(paused.map(({ id }) => id));
  const waiting = runs.filter((run) => run.fleet !== undefined && ids.has(run.fleet) && isWaitedFor(run)).length;
  const [{ service }] = paused;
  return (
    <section class="card paused" aria-labelledby="paused-heading" tabindex={-1}>
      <h2 id="paused-heading">
        <Icon name={reason === "offline" ? "offline" : "lock"} />
        {PAUSES[reason](waiting)}
      </h2>
      <p>{WAYS[reason]}</p>
      {reason !== "offline" && (
        <button type="button" class="primary" onClick={() => void actions.access.mend(service)}>
          {actions.access.applicationFor(service) === undefined ? PAUSES.paste : PAUSES.signIn}
        </button>
      )}
    </section>
  );
}
