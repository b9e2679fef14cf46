// The box in which a long table scrolls. Only the rows in view are in the document; the Tab key stops at one row, which always is.

import { Component } from "preact";
import { partsOf } from "./row-window.js";

/** @import { ComponentChild, ComponentChildren } from "preact" */

/** What is assumed until the browser has laid out the first row. */
const ASSUMED = { rowHeight: 44, boxHeight: 900 };

/**
 * @typedef {object} Properties
 * @property {string} class
 * @property {number} count of all rows
 * @property {number} stop the row at which the Tab key stops
 * @property {number} columns
 * @property {(at: number) => ComponentChild} row
 * @property {(box: RowBox) => void} hold gives the box to the table, which scrolls it and moves the focus
 * @property {(rows: ComponentChild[]) => ComponentChildren} children the table with these rows
 */

/** @extends {Component<Properties, { first: number, rowHeight: number, boxHeight: number }>} */
export class RowBox extends Component {
  state = { first: 0, ...ASSUMED };
  /** @type {HTMLElement | null} */
  #box = null;
  #resized = new ResizeObserver(() => this.#measure());

  componentDidMount() {
    this.props.hold(this);
    if (this.#box !== null) this.#resized.observe(this.#box);
  }

  componentWillUnmount() {
    this.#resized.disconnect();
  }

  /** @param {Properties} properties */
  render({ class: style, count, stop, columns, row, children }) {
    const { first, rowHeight, boxHeight } = this.state;
    const parts = partsOf({ count, first, visible: Math.ceil(boxHeight / rowHeight) + 1, stop });
    const rows = parts.map((part) =>
      "row" in part ? row(part.row) : <Gap key={`before ${part.before === count}`} columns={columns} height={part.gap * rowHeight} />,
    );
    return (
      <div class={style} ref={(box) => void (this.#box = box)} onScroll={() => this.#scrolled()}>
        {children(rows)}
      </div>
    );
  }

  /** How many rows the keys for a page lead over. */
  get page() {
    return Math.max(1, Math.floor(this.state.boxHeight / this.state.rowHeight) - 2);
  }

  scrollToTop() {
    if (this.#box !== null) this.#box.scrollTop = 0;
  }

  /** Scrolls a row into view, and not the page. @param {number} at */
  reveal(at) {
    const box = this.#box;
    if (box === null) return;
    const { rowHeight } = this.state;
    const room = box.clientHeight - (box.querySelector("thead")?.offsetHeight ?? 0);
    box.scrollTop = Math.max((at + 1) * rowHeight - room, Math.min(box.scrollTop, at * rowHeight));
  }

  /** Moves the focus to the row at which the Tab key stops. It may have come into the document only now. */
  focusStop() {
    const stop = /** @type {HTMLElement | null | undefined} */ (this.#box?.querySelector('tbody [tabindex="0"]'));
    stop?.focus({ preventScroll: true });
    stop?.closest("tr")?.scrollIntoView({ block: "nearest" });
  }

  #scrolled() {
    const first = Math.floor((this.#box?.scrollTop ?? 0) / this.state.rowHeight);
    if (first !== this.state.first) this.setState({ first });
  }

  /** Rows are higher on narrow screens, and where the user has chosen larger text. */
  #measure() {
    const rowHeight = this.#box?.querySelector("tr[aria-rowindex]:not(thead tr)")?.getBoundingClientRect().height;
    const boxHeight = this.#box?.clientHeight;
    if (!rowHeight || !boxHeight || (rowHeight === this.state.rowHeight && boxHeight === this.state.boxHeight)) return;
    this.setState({ rowHeight, boxHeight });
    this.#scrolled();
  }
}

/** The place of rows that are not in the document. @param {{ columns: number, height: number }} properties */
const Gap = ({ columns, height }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can have the focus.
  <tr class="gap" aria-hidden="true">
    <td colSpan={columns} style={{ height: `${height}px` }} />
  </tr>
);
