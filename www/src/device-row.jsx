// A device in the table: a row of fixed height, each cell with at most two lines.

import { runKind } from "./device-runs.js";
import { Icon, Pure } from "./elements.jsx";
import { activityTitle, ago, healthText, typeTitle } from "./device-words.js";
import { exactTime } from "./format.js";
import * as texts from "./messages-devices.js";
import { linkTo } from "./run-links.js";
import { TimedText } from "./timed-text.jsx";

/** @import { ComponentChildren } from "preact" */
/** @import { Device } from "./devices.js" */
/** @import { Run } from "./run.js" */
/** @import { Store } from "./store.js" */

/** @typedef {{ at: number, device: Device, label: string, isSelected: boolean, isStop: boolean, run: Run | undefined, store: Store }} Properties */

/** @extends {Pure<Properties>} */
export class Row extends Pure {
  /** @param {Properties} properties */
  render({ at, device, label, isSelected, isStop, run, store }) {
    const isAmbiguous = label !== device.name;
    return (
      <tr
        role="row"
        // The header is row 1.
        aria-rowindex={at + 2}
        class={`${isSelected ? "selected" : ""} ${isAmbiguous ? "ambiguous" : ""}`}
        onClick={rowClicked(device.id, store)}
      >
        <td role="cell" class="pick">
          <input type="checkbox" aria-label={label} checked={isSelected} tabindex={isStop ? 0 : -1} />
        </td>
        <th role="rowheader" scope="row" class="device">
          <Line class={device.name === device.id ? "name bare" : "name"} text={device.name} />
          <Who device={device} />
        </th>
        <Cell class="type">
          {device.type !== "" && <Line text={typeTitle(device.type)} />}
          {device.make !== "" && <Line class="about" text={device.make} />}
        </Cell>
        <Cell class="health">
          {device.health !== "" && <Health word={device.health} />}
          {device.activity !== "" && <Line class="about" text={activityTitle(device.activity)} />}
        </Cell>
        <Cell class="seen">
          {device.added ? <Remove device={device} isStop={isStop} store={store} /> : <Seen time={device.lastSeen} />}
        </Cell>
        <Cell class="last-run">{run !== undefined && <Badge run={run} />}</Cell>
      </tr>
    );
  }
}

/** The second line of a device: its user where that is not its name, and its id. @param {{ device: Device }} properties */
function Who({ device: { id, name, user } }) {
  if (name === id) return user !== "" && <Line class="about" text={user} />;
  return (
    <span class="line about" title={user === "" || user === name ? id : `${user}, ${id}`}>
      {user !== "" && user !== name && `${user} `}
      <code>{id}</code>
    </span>
  );
}

/** One line, which ends with an ellipsis where the column is too narrow. @param {{ class?: string, text: string }} properties */
const Line = ({ class: style = "", text }) => (
  <span class={`line ${style}`} title={text}>
    {text}
  </span>
);

/** @param {{ class: string, children: ComponentChildren }} properties */
const Cell = ({ class: style, children }) => (
  <td role="cell" class={style}>
    {[children].flat().every((child) => !child) ? <span class="about">–</span> : children}
  </td>
);

/** @param {{ time: string }} properties */
const Seen = ({ time }) =>
  time === "" ? (
    <span class="about">–</span>
  ) : (
    <span class="line" title={exactTime(time)}>
      <TimedText text={(now) => ago(time, now)} />
    </span>
  );

/** Takes an added device out of the list. @param {{ device: Device, isStop: boolean, store: Store }} properties */
const Remove = ({ device: { id, name }, isStop, store }) => (
  <button
    type="button"
    class="subtle"
    tabindex={isStop ? 0 : -1}
    aria-label={texts.removeOf(name)}
    onClick={() => store.devices.addedRemoved([id])}
  >
    {texts.remove}
  </button>
);

/** @param {{ word: string }} properties */
function Health({ word }) {
  const { title, icon, tone } = healthText(word);
  return (
    <span class={`status ${tone}`} title={title}>
      <Icon name={icon} />
      <span class="line">{title}</span>
    </span>
  );
}

/** @param {{ run: Run }} properties */
function Badge({ run }) {
  const { title, short, icon, tone } = runKind(run);
  return (
    <a class={`status ${tone}`} href={linkTo(run)} title={title}>
      <Icon name={icon} />
      <span class="line">{short}</span>
    </a>
  );
}

/** A click in a row selects it or deselects it; with Shift it selects all rows up to it. @param {string} id @param {Store} store */
function rowClicked(id, store) {
  return (/** @type {MouseEvent} */ event) => {
    const box = event.target instanceof HTMLInputElement ? event.target : undefined;
    if (/** @type {Element} */ (event.target).closest("a, button") !== null) return;
    if (!event.shiftKey) {
      // A click that ends a text selection does not toggle the row.
      if (box !== undefined || String(getSelection()) === "") store.devices.toggled(id);
      return;
    }
    getSelection()?.removeAllRanges();
    store.devices.rangeSelected(id);
    if (box !== undefined) box.checked = true;
  };
}
