// What is in place of the runs while there are none, or while the part of the page about them is missing.

import { Message } from "./elements.jsx";
import { NO_RUNS } from "./messages.js";

/** @param {{ problem?: string, again?: () => void }} properties `problem` is why the part is missing */
export const NoRuns = ({ problem = "", again }) =>
  problem === "" ? (
    <Message tone="quiet" icon="started" title={NO_RUNS.none}>
      <p>{NO_RUNS.how}</p>
    </Message>
  ) : (
    <Message tone="bad" icon="failed" title={NO_RUNS.missing}>
      <p>{problem}</p>
      <button type="button" onClick={again}>
        {NO_RUNS.again}
      </button>
    </Message>
  );
