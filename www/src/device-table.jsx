// The view of the devices as a table. The Tab key stops at one row; the arrow keys lead to the others.

import { Component } from "preact";
import { Row } from "./device-row.jsx";
import * as texts from "./messages-devices.js";
import { RowBox } from "./row-box.jsx";
import { destination } from "./row-window.js";

/** @import { TargetedEvent } from "preact" */
/** @import { Column, Order } from "./device-order.js" */
/** @import { Device } from "./devices.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** @type {Record<Column, string>} */
const COLUMNS = texts.columns;
const COLUMN_COUNT = 1 + Object.keys(COLUMNS).length;

/** @typedef {{ state: State, rows: Device[], store: Store }} Properties */

// The roles are explicit, because on narrow screens CSS lays out the table as blocks, which removes the implicit roles.

/** @extends {Component<Properties>} */
export class DeviceTable extends Component {
  /** @type {RowBox | undefined} */
  #box;
  #hold = (/** @type {RowBox} */ box) => void (this.#box = box);
  /** Whether the row at which the Tab key stops shall get the focus. */
  #isMoving = false;

  /** @param {Properties} before */
  componentDidUpdate({ state: before }) {
    const { state } = this.props;
    const isOther = before.filter !== state.filter || before.order !== state.order;
    if (this.#isMoving) this.#box?.focusStop();
    else if (isOther) this.#box?.scrollToTop();
    this.#isMoving = false;
  }

  /** @param {Properties} properties */
  render({ state, rows, store }) {
    const stop = stopAmong(rows, state.current);
    const last = store.devices.lastRuns();
    const row = (/** @type {number} */ at) => (
      <Row
        key={rows[at].id}
        at={at}
        device={rows[at]}
        label={store.devices.label(rows[at].id)}
        isSelected={state.selected.has(rows[at].id)}
        isStop={at === stop}
        run={last.get(rows[at].id)}
        store={store}
      />
    );
    const selected = rows.filter(({ id }) => state.selected.has(id)).length;
    return (
      <RowBox hold={this.#hold} class="table" count={rows.length} stop={stop} columns={COLUMN_COUNT} row={row}>
        {(shown) => (
          <table role="table" aria-label={texts.section} aria-rowcount={rows.length + 1}>
            <Head selected={selected} of={rows.length} order={state.order} store={store} />
            <tbody role="rowgroup" onKeyDown={this.#keyPressed} onKeyUp={keyReleased}>
              {shown}
            </tbody>
          </table>
        )}
      </RowBox>
    );
  }

  #keyPressed = (/** @type {TargetedEvent<HTMLElement, KeyboardEvent>} */ event) => {
    const { rows, store } = this.props;
    const here = Number(/** @type {Element} */ (event.target).closest("tr")?.ariaRowIndex) - 2;
    if (!(here in rows)) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key.toLowerCase() === "a" && isCommand) store.devices.shownSelected(true);
    else if (event.key === " " && event.shiftKey) store.devices.rangeSelected(rows[here].id);
    else if (event.key === "Delete") this.#remove(here);
    else {
      const there = destination(event.key, { here, last: rows.length - 1, page: this.#box?.page ?? 1 });
      if (there === undefined || isCommand || event.altKey) return;
      this.#isMoving = true;
      if (event.shiftKey) store.devices.rangeSelected(rows[there].id, rows[here].id);
      else store.devices.movedTo(rows[there].id);
    }
    event.preventDefault();
  };

  /** Removes the device of a row if it was added; the focus goes to the row that takes its place. @param {number} here */
  #remove(here) {
    const { rows, store } = this.props;
    if (!rows[here].added) return;
    const next = rows[here + 1] ?? rows[here - 1];
    if (next !== undefined) store.devices.movedTo(next.id);
    this.#isMoving = next !== undefined;
    store.devices.addedRemoved([rows[here].id]);
  }
}

/** @param {{ selected: number, of: number, order: Order, store: Store }} properties */
const Head = ({ selected, of, order, store }) => (
  <thead role="rowgroup">
    <tr role="row" aria-rowindex={1}>
      <th role="columnheader" scope="col" class="pick">
        <input
          type="checkbox"
          aria-label={texts.selectShown}
          checked={selected === of}
          indeterminate={selected > 0 && selected < of}
          onChange={() => store.devices.shownSelected(selected < of)}
        />
      </th>
      {
        /** @type {[Column, string][]} */ (Object.entries(COLUMNS)).map(([column, title]) => (
          <th
            key={column}
            role="columnheader"
            scope="col"
            class={column === "run" ? "last-run" : column}
            aria-sort={sortedBy(order, column)}
          >
            <button type="button" onClick={() => store.devices.sorted(column)}>
              {title}
            </button>
          </th>
        ))
      }
    </tr>
  </thead>
);

/** @param {Order} order @param {Column} column */
function sortedBy({ by, isDescending }, column) {
  if (by !== column) return "none";
  return isDescending ? "descending" : "ascending";
}

/** The row at which the Tab key stops. @param {Device[]} rows @param {string | undefined} current */
function stopAmong(rows, current) {
  const at = current === undefined ? 0 : rows.findIndex(({ id }) => id === current);
  return Math.max(0, at);
}

/** Firefox toggles a checkbox when the space bar is released. @param {KeyboardEvent} event */
function keyReleased(event) {
  if (event.key === " " && event.shiftKey) event.preventDefault();
}
