// The view of the devices as a table. The Tab key stops at one row; the arrow keys lead to the others.

import { labels } from "./devices.js";
import { h, icon, memoised } from "./dom.js";
import { outcomeKind } from "./outcome.js";
import { activityTitle, dateTime, healthText, typeTitle } from "./format.js";

/** @import { Device } from "./devices.js" */
/** @import { Run } from "./run.js" */
/** @import { State, Store } from "./store.js" */

const PAGE = 10;
const COLUMNS = { device: "Device", type: "Type and model", user: "User", health: "Health", activity: "Activity", seen: "Last seen" };

/** @param {State} state @param {Device[]} rows @param {Store} store */
export function deviceTable(state, rows, store) {
  const label = labels(state.devices);
  const stop = rows.some(({ id }) => id === state.current) ? state.current : rows[0].id;
  const selected = rows.filter(({ id }) => state.selected.has(id)).length;
  const last = lastRuns(state);
  // The roles are explicit, because on narrow screens CSS lays out the table as blocks, which removes the implicit roles.
  return h(
    "div",
    { class: "table", key: "table" },
    h(
      "table",
      { role: "table", "aria-label": "Devices" },
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          h(
            "th",
            { role: "columnheader", scope: "col", class: "pick" },
            h("input", {
              type: "checkbox",
              "aria-label": "Select all shown",
              checked: selected === rows.length,
              indeterminate: selected > 0 && selected < rows.length,
              onchange: () => store.shownSelected(selected < rows.length),
            }),
          ),
          Object.entries(COLUMNS).map(([name, title]) => h("th", { role: "columnheader", scope: "col", class: name, key: name }, title)),
        ),
      ),
      h(
        "tbody",
        { role: "rowgroup", onkeydown: keyPressed(rows, store), onkeyup: keyReleased },
        rows.map((device) =>
          row(device, label.get(device.id) ?? device.id, state.selected.has(device.id), device.id === stop, last.get(device.id), store),
        ),
      ),
    ),
  );
}

const row = memoised(
  /**
   * @param {Device} device
   * @param {string} label
   * @param {boolean} isSelected
   * @param {boolean} isStop
   * @param {Run | undefined} run
   * @param {Store} store
   */
  (device, label, isSelected, isStop, run, store) =>
    h(
      "tr",
      { role: "row", key: device.id, class: isSelected && "selected", onclick: rowClicked(device.id, store) },
      h(
        "td",
        { role: "cell", class: "pick" },
        h("input", { type: "checkbox", "aria-label": label, checked: isSelected, tabindex: isStop ? 0 : -1 }),
      ),
      h(
        "th",
        { role: "rowheader", scope: "row", class: "device" },
        h("span", { class: "name" }, device.name),
        device.name !== device.id && h("code", { title: device.id }, device.id),
        run !== undefined && badge(run),
      ),
      cell(
        COLUMNS.type,
        device.type !== "" && h("span", { class: "type" }, typeTitle(device.type)),
        device.make !== "" && h("span", { class: "about" }, device.make),
      ),
      cell(COLUMNS.user, device.user),
      cell(COLUMNS.health, device.health !== "" && health(device.health)),
      cell(COLUMNS.activity, device.activity !== "" && activityTitle(device.activity)),
      cell(
        COLUMNS.seen,
        device.lastSeen !== "" && h("span", { title: dateTime(device.lastSeen), "data-ago": device.lastSeen, opaque: true }),
      ),
    ),
  ({ id }) => id,
);

/** @param {string} title @param {...import("./dom.js").Child} children */
function cell(title, ...children) {
  const isEmpty = children.every((child) => !child);
  return h("td", { role: "cell", "data-title": title }, isEmpty ? h("span", { class: "about" }, "–") : children);
}

/** @param {string} word */
function health(word) {
  const { title, icon: name, tone } = healthText(word);
  return h("span", { class: `status ${tone}` }, icon(name), title);
}

/** @param {Run} run */
function badge({ id, outcome }) {
  const {
    short,
    icon: name,
    tone,
  } = outcome === undefined ? { short: "Running", icon: "inProgress", tone: "accent" } : outcomeKind(outcome);
  return h("a", { class: `status ${tone}`, href: `#run-${id}` }, icon(name), short);
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
