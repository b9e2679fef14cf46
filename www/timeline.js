// The view of the events of a run, oldest first.

import { h, icon, memoised } from "./dom.js";
import { clock } from "./format.js";

/** @import { Entry, Run } from "./run.js" */

/** @param {Run} run */
export function timeline({ id, entries }) {
  return h(
    "ol",
    { class: "timeline", role: "list", "aria-label": "Timeline", key: "timeline" },
    entries.map((entry) => item(entry, id)),
  );
}

const item = memoised(
  /** @param {Entry} entry @param {number} _run is in the key */
  (entry, _run) =>
    h(
      "li",
      { key: entry.key, "data-state": entry.icon },
      icon(entry.icon),
      h("p", { class: "title" }, h("strong", {}, entry.title), " ", h("time", { datetime: entry.at.toISOString() }, clock(entry.at))),
      entry.detail !== undefined && h("p", { key: "detail" }, entry.detail),
      entry.facts !== undefined &&
        h(
          "dl",
          {},
          entry.facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
        ),
      entry.polls > 1 && h("p", { key: "polls" }, `Polled ${entry.polls} times, last at ${clock(entry.lastPoll)}.`),
    ),
  (entry, run) => `${run}/${entry.key}`,
);
