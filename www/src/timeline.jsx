// The view of the events of a run, oldest first.

import { Icon, Pure } from "./elements.jsx";
import { clock, exactTime } from "./format.js";
import { TIMELINE } from "./messages-runs.js";

/** @import { Entry, Run } from "./run.js" */

/** @param {{ run: Run }} properties */
export const Timeline = ({ run }) => (
  <ol class="timeline" role="list" aria-label={TIMELINE.name}>
    {run.entries.map((entry) => (
      <Item key={entry.key} entry={entry} />
    ))}
  </ol>
);

/** @extends {Pure<{ entry: Entry }>} */
class Item extends Pure {
  /** @param {{ entry: Entry }} properties */
  render({ entry: { icon, title, at, detail, polls, lastPoll } }) {
    return (
      <li data-state={icon}>
        <Icon name={icon} />
        <p class="title">
          <strong>{title}</strong>{" "}
          <time dateTime={at.toISOString()} title={exactTime(at)}>
            {clock(at)}
          </time>
        </p>
        {detail !== undefined && <p>{detail}</p>}
        {polls > 1 && <p>{TIMELINE.polled(polls, clock(lastPoll))}</p>}
      </li>
    );
  }
}
