// Texts that change with time: countdowns, and how long ago things were. Screen readers do not announce these changes.

import { Component } from "preact";
import { ago, duration } from "./format.js";

const TICK_MS = 1_000;

/** The texts on the page. @type {Set<TimedText>} */
const shown = new Set();

/** The time until something happens. @param {{ what: string, due: number }} properties */
export const Countdown = ({ what, due }) => (
  <TimedText text={(now) => (due > now ? `${what} in ${duration(due - now)}` : "Waiting for Graph's response…")} />
);

/** How long ago a time was. @param {{ time: string }} properties */
export const Ago = ({ time }) => <TimedText text={(now) => ago(time, now)} />;

/** How long something has taken so far. @param {{ since: Date }} properties */
export const Elapsed = ({ since }) => <TimedText text={(now) => duration(Math.max(0, now - since.valueOf()))} />;

/**
 * A text that is written again every second.
 *
 * @extends {Component<{ text: (now: number) => string }>}
 */
class TimedText extends Component {
  componentDidMount() {
    shown.add(this);
  }

  componentWillUnmount() {
    shown.delete(this);
  }

  /** @param {{ text: (now: number) => string }} properties */
  render({ text }) {
    return text(Date.now());
  }
}

setInterval(() => {
  for (const text of shown) text.forceUpdate();
}, TICK_MS);
