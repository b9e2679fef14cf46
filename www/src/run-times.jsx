// The times of a run that change by themselves: how long it has taken, and when its next step is.

import { STEPS, duration } from "./messages-runs.js";
import { TimedText } from "./timed-text.jsx";

/** The time until something happens. @param {{ what: string, due: number }} properties */
export const Countdown = ({ what, due }) => (
  <TimedText text={(now) => (due > now ? STEPS.due(what, duration(due - now)) : STEPS.response)} />
);

/** How long something has taken so far. @param {{ since: Date }} properties */
export const Elapsed = ({ since }) => <TimedText text={(now) => duration(Math.max(0, now - since.valueOf()))} />;
