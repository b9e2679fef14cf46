// Texts that change with time: how long ago things were, and the times of runs. Screen readers do not announce these changes.

import { Component } from "preact";

const TICK_MS = 1_000;

/** The texts on the page. @type {Set<TimedText>} */
const shown = new Set();

/**
 * A text that is written again every second.
 *
 * @extends {Component<{ text: (now: number) => string }>}
 */
export class TimedText extends Component {
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
