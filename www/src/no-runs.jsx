// What is in place of the runs while there are none.

import { Message } from "./elements.jsx";
import { NO_RUNS } from "./messages.js";

export const NoRuns = () => (
  <Message tone="quiet" icon="started" title={NO_RUNS.none}>
    <p>{NO_RUNS.how}</p>
  </Message>
);
