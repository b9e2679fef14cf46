// The view of the devices as a table. The Tab key stops at one row; the arrow keys lead to the others.

import { labels } from "./devices.js";
import { Icon, Pure } from "./elements.jsx";
import { outcomeKind } from "./outcome.js";
import { activityTitle, dateTime, healthText, typeTitle } from "./format.js";
import { Ago } from "./timed-text.jsx";

/** @import { ComponentChildren } from "preact" */
/** @import { Device } from "./devices.js" */
/** @import { Run } from "./run.js" */
/** @import { State, Store } from "./store.js" */

const PAGE = 10;
const COLUMNS = { device: "Device", type: "Type and model", user: "User", health: "Health", activity: "Activity", seen: "Last seen" };

// The roles are explicit, because on narrow screens CSS lays out the table as blocks, which removes the implicit roles.

/** @param {{ state: State, rows: Device[], store: Store }} properties */
export function DeviceTable({ state, rows, store }) {
  const label = labels(state.devices);
  const stop = rows.some(({ id }) => id === state.current) ? state.current : rows[0].id;
  const last = lastRuns(state);
  return (
    <div class="table">
      <table role="table" aria-label="Devices">
        <Head selected={rows.filter(({ id }) => state.selected.has(id)).length} of={rows.length} store={store} />
        <tbody role="rowgroup" onKeyDown={keyPressed(rows, store)} onKeyUp={keyReleased}>
          {rows.map((device) => (
            <Row
              key={device.id}
              device={device}
              label={label.get(device.id) ?? device.id}
              isSelected={state.selected.has(device.id)}
              isStop={device.id === stop}
              run={last.get(device.id)}
              store={store}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** @param {{ selected: number, of: number, store: Store }} properties */
const Head = ({ selected, of, store }) => (
  <thead role="rowgroup">
    <tr role="row">
      <th role="columnheader" scope="col" class="pick">
        <input
          type="checkbox"
          aria-label="Select all shown"
          checked={selected === of}
          indeterminate={selected > 0 && selected < of}
          onChange={() => store.shownSelected(selected < of)}
        />
      </th>
      {Object.entries(COLUMNS).map(([name, title]) => (
        <th key={name} role="columnheader" scope="col" class={name}>
          {title}
        </th>
      ))}
    </tr>
  </thead>
);

/** @extends {Pure<{ device: Device, label: string, isSelected: boolean, isStop: boolean, run: Run | undefined, store: Store }>} */
class Row extends Pure {
  /** @param {{ device: Device, label: string, isSelected: boolean, isStop: boolean, run: Run | undefined, store: Store }} properties */
  render({ device, label, isSelected, isStop, run, store }) {
    return (
      <tr role="row" class={isSelected ? "selected" : ""} onClick={rowClicked(device.id, store)}>
        <td role="cell" class="pick">
          <input type="checkbox" aria-label={label} checked={isSelected} tabindex={isStop ? 0 : -1} />
        </td>
        <th role="rowheader" scope="row" class="device">
          <span class="name">{device.name}</span>
          {device.name !== device.id && <code title={device.id}>{device.id}</code>}
          {run !== undefined && <Badge run={run} />}
        </th>
        <Cell title={COLUMNS.type}>
          {device.type !== "" && <span class="type">{typeTitle(device.type)}</span>}
          {device.make !== "" && <span class="about">{device.make}</span>}
        </Cell>
        <Cell title={COLUMNS.user}>{device.user}</Cell>
        <Cell title={COLUMNS.health}>{device.health !== "" && <Health word={device.health} />}</Cell>
        <Cell title={COLUMNS.activity}>{device.activity !== "" && activityTitle(device.activity)}</Cell>
        <Cell title={COLUMNS.seen}>
          {device.lastSeen !== "" && (
            <span title={dateTime(device.lastSeen)}>
              <Ago time={device.lastSeen} />
            </span>
          )}
        </Cell>
      </tr>
    );
  }
}

/** @param {{ title: string, children: ComponentChildren }} properties */
const Cell = ({ title, children }) => (
  <td role="cell" data-title={title}>
    {[children].flat().every((child) => !child) ? <span class="about">–</span> : children}
  </td>
);

/** @param {{ word: string }} properties */
function Health({ word }) {
  const { title, icon, tone } = healthText(word);
  return (
    <span class={`status ${tone}`}>
      <Icon name={icon} />
      {title}
    </span>
  );
}

const RUNNING = { short: "Running", icon: "inProgress", tone: "accent" };

/** @param {{ run: Run }} properties */
function Badge({ run: { id, outcome } }) {
  const { short, icon, tone } = outcome === undefined ? RUNNING : outcomeKind(outcome);
  return (
    <a class={`status ${tone}`} href={`#run-${id}`}>
      <Icon name={icon} />
      {short}
    </a>
  );
}

/** The newest run of each device of the chosen Graph. @param {State} state */
function lastRuns({ runs, service }) {
  const ours = runs.filter((run) => run.service.id === service.id);
  return new Map(ours.toReversed().map((run) => [run.deviceId, run]));
}

/** A click in a row selects it or deselects it; with Shift it selects all rows up to it. @param {string} id @param {Store} store */
function rowClicked(id, store) {
  return (/** @type {MouseEvent} */ event) => {
    const box = event.target instanceof HTMLInputElement ? event.target : undefined;
    if (/** @type {Element} */ (event.target).closest("a") !== null) return;
    if (!event.shiftKey) {
      // A click that ends a text selection does not toggle the row.
      if (box !== undefined || String(getSelection()) === "") store.toggled(id);
      return;
    }
    getSelection()?.removeAllRanges();
    store.rangeSelected(id);
    if (box !== undefined) box.checked = true;
  };
}

/** @param {Device[]} rows @param {Store} store */
function keyPressed(rows, store) {
  return (/** @type {KeyboardEvent} */ event) => {
    const here = rows.findIndex((_, at) => rowAt(event, at)?.contains(/** @type {Node} */ (event.target)));
    if (here < 0) return;
    if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) store.shownSelected(true);
    else if (event.key === " " && event.shiftKey) store.rangeSelected(rows[here].id);
    else {
      const there = destination(event.key, here, rows.length - 1);
      if (there === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.shiftKey) store.rangeSelected(rows[there].id, rows[here].id);
      else store.movedTo(rows[there].id);
      rowAt(event, there)?.querySelector("input")?.focus();
    }
    event.preventDefault();
  };
}

/** Firefox toggles a checkbox when the space bar is released. @param {KeyboardEvent} event */
function keyReleased(event) {
  if (event.key === " " && event.shiftKey) event.preventDefault();
}

/** @param {string} key @param {number} here @param {number} last */
function destination(key, here, last) {
  /** @type {Record<string, number>} */
  const rows = { ArrowUp: here - 1, ArrowDown: here + 1, PageUp: here - PAGE, PageDown: here + PAGE, Home: 0, End: last };
  return key in rows ? Math.min(last, Math.max(0, rows[key])) : undefined;
}

/** @param {KeyboardEvent} event @param {number} at */
const rowAt = ({ currentTarget }, at) => /** @type {HTMLTableSectionElement} */ (currentTarget).rows[at];
