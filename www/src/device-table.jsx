// The view of the devices as a table, of which only the rows in view are in the document. The Tab key stops at one row; the arrow keys lead
// to the others.

import { Component } from "preact";
import { destination } from "./device-keys.js";
import { Row } from "./device-row.jsx";
import { partsOf } from "./device-window.js";

/** @import { TargetedEvent } from "preact" */
/** @import { Column, Order } from "./device-order.js" */
/** @import { Device } from "./devices.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** @type {Record<Column, string>} */
const COLUMNS = { device: "Device", type: "Type", health: "Health", seen: "Last seen", run: "Last run" };
const COLUMN_COUNT = 1 + Object.keys(COLUMNS).length;

/** What is assumed until the browser has laid out the first row. */
const ASSUMED = { rowHeight: 44, boxHeight: 900 };

/** @typedef {{ state: State, rows: Device[], store: Store }} Properties */

// The roles are explicit, because on narrow screens CSS lays out the table as blocks, which removes the implicit roles.

/** @extends {Component<Properties, { first: number, rowHeight: number, boxHeight: number }>} */
export class DeviceTable extends Component {
  state = { first: 0, ...ASSUMED };
  /** @type {HTMLElement | null} */
  #box = null;
  /** Whether the row at which the Tab key stops shall get the focus. */
  #isMoving = false;
  #resized = new ResizeObserver(() => this.#measure());

  componentDidMount() {
    if (this.#box !== null) this.#resized.observe(this.#box);
  }

  componentWillUnmount() {
    this.#resized.disconnect();
  }

  /** @param {Properties} before */
  componentDidUpdate({ state: before }) {
    const { state } = this.props;
    const isOther = before.filter !== state.filter || before.order !== state.order;
    if (isOther && !this.#isMoving && this.#box !== null) this.#box.scrollTop = 0;
    if (this.#isMoving) this.#focusStop();
  }

  /** @param {Properties} properties */
  render({ state, rows, store }) {
    const stop = stopAmong(rows, state.current);
    const visible = Math.ceil(this.state.boxHeight / this.state.rowHeight) + 1;
    const last = store.devices.lastRuns();
    return (
      <div class="table" ref={(box) => void (this.#box = box)} onScroll={() => this.#scrolled()}>
        <table role="table" aria-label="Devices" aria-rowcount={rows.length + 1}>
          <Head selected={rows.filter(({ id }) => state.selected.has(id)).length} of={rows.length} order={state.order} store={store} />
          <tbody role="rowgroup" onKeyDown={this.#keyPressed} onKeyUp={keyReleased}>
            {partsOf({ count: rows.length, first: this.state.first, visible, stop }).map((part) => {
              if ("gap" in part) return <Gap key={`before ${part.before === rows.length}`} height={part.gap * this.state.rowHeight} />;
              const device = rows[part.row];
              return (
                <Row
                  key={device.id}
                  at={part.row}
                  device={device}
                  label={store.devices.label(device.id)}
                  isSelected={state.selected.has(device.id)}
                  isStop={part.row === stop}
                  run={last.get(device.id)}
                  store={store}
                />
              );
            })}
          </tbody>
        </table>
      </div>
    );
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

  #keyPressed = (/** @type {TargetedEvent<HTMLElement, KeyboardEvent>} */ event) => {
    const { rows, store } = this.props;
    const here = Number(/** @type {Element} */ (event.target).closest("tr")?.ariaRowIndex) - 2;
    if (!(here in rows)) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key.toLowerCase() === "a" && isCommand) store.devices.shownSelected(true);
    else if (event.key === " " && event.shiftKey) store.devices.rangeSelected(rows[here].id);
    else if (event.key === "Delete") this.#remove(here);
    else {
      const page = Math.max(1, Math.floor(this.state.boxHeight / this.state.rowHeight) - 2);
      const there = destination(event.key, { here, last: rows.length - 1, page });
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

  /** Moves the focus to a row that may have come into the document only now. */
  #focusStop() {
    this.#isMoving = false;
    const row = /** @type {HTMLElement | undefined} */ (this.#box?.querySelector('tbody [tabindex="0"]')?.closest("tr") ?? undefined);
    row?.querySelector("input")?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }
}

/** @param {{ selected: number, of: number, order: Order, store: Store }} properties */
const Head = ({ selected, of, order, store }) => (
  <thead role="rowgroup">
    <tr role="row" aria-rowindex={1}>
      <th role="columnheader" scope="col" class="pick">
        <input
          type="checkbox"
          aria-label="Select all shown"
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

/** The place of rows that are not in the document. @param {{ height: number }} properties */
const Gap = ({ height }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can have the focus.
  <tr class="gap" aria-hidden="true">
    <td colSpan={COLUMN_COUNT} style={{ height: `${height}px` }} />
  </tr>
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
