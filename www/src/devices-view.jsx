// The view of the devices: the actions, the filters, the table, and what to do if there are no devices.

import { DeviceTable } from "./device-table.jsx";
import { runKind } from "./device-runs.js";
import { DeviceSelections } from "./device-selections.jsx";
import { EVERYTHING, NO_RUN, isOffline } from "./devices.js";
import { Icon, Message, Problem, Warning, chosen, typed } from "./elements.jsx";
import { clock, count, healthText, typeTitle } from "./format.js";
import { remembered } from "./remembered.js";

/** @import { ComponentChildren, TargetedEvent } from "preact" */
/** @import { Actions } from "./actions.js" */
/** @import { LastRuns } from "./device-runs.js" */
/** @import { Device } from "./devices.js" */
/** @import { State, Store } from "./store.js" */

/** @param {{ state: State, store: Store, actions: Actions }} properties */
export function DevicesView({ state, store, actions }) {
  const rows = store.shown();
  const selected = store.chosen();
  return (
    <>
      <Toolbar state={state} selected={selected.length} store={store} actions={actions} />
      <OfflineWarning offline={selected.filter(isOffline)} />
      <ListState list={state.list} isEmpty={state.devices.length === 0} />
      {state.devices.length > 0 && (
        <>
          <Filters state={state} store={store} />
          <Summary state={state} rows={rows} selected={selected} />
          {rows.length > 0 ? <DeviceTable state={state} rows={rows} store={store} /> : <NothingFound store={store} />}
          <p class="about">
            This is what Graph last knew: health and activity can be ten minutes old or older. Last seen is when Graph's record last
            changed.
          </p>
        </>
      )}
      <AddForm state={state} store={store} actions={actions} />
    </>
  );
}

/** @param {{ state: State, selected: number, store: Store, actions: Actions }} properties */
function Toolbar({ state: { list, savedSelections, service }, selected, store, actions }) {
  const isReading = list.kind === "reading";
  const failed = store.failed().length;
  return (
    <div class="toolbar" role="toolbar" aria-label="Devices">
      <button type="button" class="primary" aria-disabled={selected === 0} onClick={() => actions.run()}>
        <Icon name="run" />
        {selected === 0 ? "Run diagnostics" : `Run diagnostics on ${count(selected, "device")}`}
      </button>
      <button type="button" aria-disabled={isReading} onClick={() => !isReading && actions.readList()}>
        <Icon name="refresh" />
        List devices
      </button>
      <button type="button" aria-disabled={failed === 0} onClick={() => failed > 0 && store.failedSelected()}>
        Select failed
      </button>
      <DeviceSelections saved={savedSelections.filter((saved) => saved.service === service.id)} selected={selected} actions={actions} />
    </div>
  );
}

/** @param {{ offline: Device[] }} properties */
const OfflineWarning = ({ offline }) =>
  offline.length > 0 && (
    <Warning>
      {offline.length === 1 ? `${offline[0].name} was` : `${offline.length} of the selected devices were`} offline at last contact. You can
      start a run, but it stays queued until its device is back.
    </Warning>
  );

/** The text in place of the table while there are no devices. @param {{ list: State["list"], isEmpty: boolean }} properties */
function ListState({ list, isEmpty }) {
  if (list.kind === "reading") return <Reading read={list.read} />;
  if (list.kind === "failed") return <Failed list={list} />;
  if (!isEmpty) return null;
  return list.kind === "unread" ? (
    <Message tone="quiet" icon="devices" title="No devices yet">
      <p>List the devices of the tenant, or add devices by their ids below: either is enough for a run.</p>
    </Message>
  ) : (
    <Message tone="quiet" icon="devices" title="The list is empty">
      <p>
        This tenant has no Teams devices, or none that this account may see. If you know the id of a device, you can still run diagnostics
        on it: add it below.
      </p>
    </Message>
  );
}

/** @param {{ read: number }} properties */
const Reading = ({ read }) => (
  <div class="message quiet reading">
    <progress aria-label="Reading the list" />
    <span>Reading the list of devices…{read > 0 && ` ${read} so far`}</span>
  </div>
);

/** @param {{ list: Extract<State["list"], { kind: "failed" }> }} properties */
function Failed({ list: { message, error } }) {
  const isForbidden = error?.code === "forbidden" || error?.code === "unauthorized";
  const title = isForbidden ? "Listing is not permitted" : "The devices could not be listed";
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields.
    <div role="group" aria-label={title}>
      <Message tone="bad" icon={isForbidden ? "lock" : "failed"} title={title}>
        <p>{message}</p>
        {error?.hint && <p>{error.hint}</p>}
        <p>The list is optional: paste device ids below, or drop the CSV export of the Teams admin center.</p>
        {error?.requestId && (
          <p class="about">
            request-id <code>{error.requestId}</code>
          </p>
        )}
      </Message>
    </div>
  );
}

// The labels are hidden, because each field says itself what it is: rows of devices have the place.

/** @param {{ state: State, store: Store }} properties */
const Filters = ({ state: { devices, filter }, store }) => (
  <search class="fields filters" aria-label="Devices">
    <div class="field grow">
      <label class="visually-hidden" for="search">
        Search devices
      </label>
      <input
        id="search"
        type="search"
        value={filter.search}
        placeholder="Search devices"
        autocomplete="off"
        spellcheck={false}
        onInput={typed((search) => store.filterChanged({ search }))}
      />
    </div>
    <Choice id="type" label="Type" all="All types" value={filter.type} act={(type) => store.filterChanged({ type })}>
      {typeOptions(devices)}
    </Choice>
    <Choice id="health" label="Health" all="Any health" value={filter.health} act={(health) => store.filterChanged({ health })}>
      {healthOptions(devices)}
    </Choice>
    <Choice id="last-run" label="Last run" all="Any last run" value={filter.run} act={(run) => store.filterChanged({ run })}>
      {runOptions(store.lastRuns(), filter.run)}
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

const typeOptions = remembered((/** @type {Device[]} */ devices) =>
  options(
    devices.map(({ type }) => type),
    typeTitle,
  ),
);

const healthOptions = remembered((/** @type {Device[]} */ devices) =>
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
      No run yet
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

/** @param {{ state: State, rows: Device[], selected: Device[] }} properties */
function Summary({ state: { devices, list }, rows, selected }) {
  const present = new Set(rows);
  const hidden = selected.filter((device) => !present.has(device)).length;
  const all = count(devices.length, "device");
  return (
    <p class="summary">
      <span>{rows.length === devices.length ? all : `${rows.length} of ${all}`}</span>
      {selected.length > 0 && <span>{`${selected.length} selected${hidden > 0 ? `, ${hidden} of them not shown` : ""}`}</span>}
      {list.kind === "read" && <span>{`Listed at ${clock(list.at)}`}</span>}
    </p>
  );
}

/** @param {{ store: Store }} properties */
const NothingFound = ({ store }) => (
  <Message tone="quiet" icon="search" title="No device matches">
    <p>
      <button type="button" onClick={() => store.filterChanged(EVERYTHING)}>
        Show all devices
      </button>
    </p>
  </Message>
);

/** @param {{ state: State, store: Store, actions: Actions }} properties */
const AddForm = ({ state: { devices, addProblem, addNote }, store, actions }) => (
  <form class="add" autocomplete="off" noValidate onSubmit={submitted(actions)}>
    <h3 class="add-title">Add by id</h3>
    <div class="field">
      <label for="ids">Device ids</label>
      <textarea
        id="ids"
        rows={2}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-describedby="add-problem ids-about"
        aria-invalid={addProblem !== ""}
      />
      <p class="about" id="ids-about">
        One or many, separated by spaces, commas or lines; or addresses of devices in the admin center.
      </p>
      <button type="submit">
        <Icon name="add" />
        Add ids
      </button>
    </div>
    <div class="field drop">
      <label for="csv">CSV export of the Teams admin center</label>
      <input id="csv" type="file" multiple accept=".csv,.txt,.json,text/csv" aria-describedby="csv-about" onChange={picked(actions)} />
      <p class="about" id="csv-about">
        Drop files here, or choose them: ids, names, models and users are read. Reports of this page can be read too. The files stay on this
        computer.
      </p>
    </div>
    <Problem id="add-problem" text={addProblem} />
    {addNote !== "" && <p class="add-note">{addNote}</p>}
    <RemoveAdded added={addedAmong(devices)} store={store} />
  </form>
);

const addedAmong = remembered((/** @type {Device[]} */ devices) => devices.filter(({ added }) => added).length);

/** @param {{ added: number, store: Store }} properties */
const RemoveAdded = ({ added, store }) =>
  added > 0 && (
    <button type="button" class="remove-added" onClick={() => store.addedRemoved()}>
      {`Remove ${count(added, "added device")}`}
    </button>
  );

/** @param {Actions} actions */
function submitted(actions) {
  return (/** @type {TargetedEvent<HTMLFormElement>} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (event.currentTarget.querySelector("#ids"));
    if (actions.addIds(field.value)) field.value = "";
    else field.focus();
  };
}

/** @param {Actions} actions */
function picked(actions) {
  return (/** @type {TargetedEvent<HTMLInputElement>} */ { currentTarget: field }) => {
    const files = [...(field.files ?? [])];
    if (files.length === 0) return;
    // Cleared, so that the same files can be chosen again after they were corrected.
    void actions.addFiles(files).then(() => {
      field.value = "";
    });
  };
}
