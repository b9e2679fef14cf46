// The fields that narrow the list: words, and a value of some columns.

import { runKind } from "./device-runs.js";
import { NO_RUN } from "./devices.js";
import { chosen, typed } from "./elements.jsx";
import { healthText, typeTitle } from "./device-words.js";
import { memoised } from "./memoised.js";
import * as texts from "./messages-devices.js";

/** @import { ComponentChildren } from "preact" */
/** @import { LastRuns } from "./device-runs.js" */
/** @import { Device } from "./devices.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

// The labels are hidden, because each field says itself what it is: rows of devices have the place.

/** @param {{ state: State, store: Store }} properties */
export const Filters = ({ state: { devices, filter }, store }) => (
  <search class="fields filters" aria-label={texts.section}>
    <div class="field grow">
      <label class="visually-hidden" for="search">
        {texts.search}
      </label>
      <input
        id="search"
        type="search"
        value={filter.search}
        placeholder={texts.search}
        autocomplete="off"
        spellcheck={false}
        onInput={typed((search) => store.devices.filterChanged({ search }))}
      />
    </div>
    <Choice
      id="type"
      label={texts.columns.type}
      all={texts.allTypes}
      value={filter.type}
      act={(type) => store.devices.filterChanged({ type })}
    >
      {typeOptions(devices)}
    </Choice>
    <Choice
      id="health"
      label={texts.columns.health}
      all={texts.anyHealth}
      value={filter.health}
      act={(health) => store.devices.filterChanged({ health })}
    >
      {healthOptions(devices)}
    </Choice>
    <Choice
      id="last-run"
      label={texts.columns.run}
      all={texts.anyRun}
      value={filter.run}
      act={(run) => store.devices.filterChanged({ run })}
    >
      {runOptions(store.devices.lastRuns(), filter.run)}
    </Choice>
  </search>
);

/** @param {{ id: string, label: string, all: string, value: string, act: (value: string) => void, children: ComponentChildren }} properties */
const Choice = ({ id, label, all, value, act, children }) => (
  <div class="field">
    <label class="visually-hidden" for={id}>
      {label}
    </label>
    <select id={id} autocomplete="off" value={value} onChange={chosen(act)}>
      <option value="">{all}</option>
      {children}
    </select>
  </div>
);

const typeOptions = memoised((/** @type {Device[]} */ devices) =>
  options(
    devices.map(({ type }) => type),
    typeTitle,
  ),
);

const healthOptions = memoised((/** @type {Device[]} */ devices) =>
  options(
    devices.map(({ health }) => health),
    (word) => healthText(word).title,
  ),
);

/** @param {LastRuns} last @param {string} value that is chosen, and stays when no run has it any more */
function runOptions(last, value) {
  const titles = new Set([...last.values()].map((run) => runKind(run).title));
  if (value !== "" && value !== NO_RUN) titles.add(value);
  return [
    ...options([...titles], (title) => title),
    <option key={NO_RUN} value={NO_RUN}>
      {texts.noRun}
    </option>,
  ];
}

/** The options of a filter: each value with its title, sorted by title. @param {string[]} values @param {(word: string) => string} title */
function options(values, title) {
  const words = [...new Set(values)].filter((word) => word !== "").map((word) => ({ word, text: title(word) }));
  return words
    .sort((a, b) => a.text.localeCompare(b.text))
    .map(({ word, text }) => (
      <option key={word} value={word}>
        {text}
      </option>
    ));
}
