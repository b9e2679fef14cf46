// The view of the devices: the actions, the list in each of its states, and what to do if there are no devices.

import { DeviceTable } from "./device-table.jsx";
import { AddForm } from "./device-adding.jsx";
import { Filters } from "./device-filters.jsx";
import { DeviceSelections } from "./device-selections.jsx";
import { EVERYTHING, isOffline } from "./devices.js";
import { Icon, Message, Problem, Warning } from "./elements.jsx";
import { clock, count } from "./format.js";
import { codeText } from "./messages.js";
import { ENDED, LIST } from "./messages-access.js";

/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** @param {{ state: State, store: Store, actions: Actions }} properties */
export function DevicesView({ state, store, actions }) {
  const rows = store.devices.shown();
  const selected = store.devices.chosen();
  return (
    <>
      <Toolbar state={state} selected={selected.length} store={store} actions={actions} />
      <Problem id="start-problem" text={state.startProblem} />
      <OfflineWarning offline={selected.filter(isOffline)} />
      <ListState state={state} actions={actions} />
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
  const failed = store.devices.failed().length;
  return (
    <div class="toolbar" role="toolbar" aria-label="Devices">
      <button type="button" class="primary" aria-disabled={selected === 0} onClick={() => actions.start.run()}>
        <Icon name="run" />
        {selected === 0 ? "Run diagnostics" : `Run diagnostics on ${count(selected, "device")}`}
      </button>
      <button type="button" aria-disabled={isReading} onClick={() => !isReading && actions.devices.readList()}>
        <Icon name="refresh" />
        List devices
      </button>
      <button type="button" aria-disabled={failed === 0} onClick={() => failed > 0 && store.devices.failedSelected()}>
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

/** The text in place of the table while there are no devices. @param {{ state: State, actions: Actions }} properties */
function ListState({ state, actions }) {
  const { list, devices } = state;
  if (list.kind === "reading") return <Reading read={list.read} />;
  if (list.kind === "failed" && list.error?.code === "unauthorized") return <Ended state={state} actions={actions} />;
  if (list.kind === "failed") return <Failed list={list} />;
  if (devices.length > 0) return null;
  return list.kind === "unread" ? (
    <Message tone="quiet" icon="devices" title="No devices yet">
      <p>{LIST.unread}</p>
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

/** @param {{ state: State, actions: Actions }} properties */
function Ended({ state: { service, signIn }, actions }) {
  const title = signIn.kind === "out" ? ENDED.notAccepted : ENDED.title;
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields.
    <div role="group" aria-label={title}>
      <Message tone="bad" icon="lock" title={title}>
        <p>{ENDED.text}</p>
        <p>
          <button type="button" class="primary" onClick={() => void actions.access.mend(service)}>
            {actions.access.applicationFor(service) === undefined ? ENDED.paste : ENDED.signIn}
          </button>
        </p>
      </Message>
    </div>
  );
}

/** @param {{ list: Extract<State["list"], { kind: "failed" }> }} properties */
function Failed({ list: { message, error } }) {
  const isForbidden = error?.code === "forbidden";
  const advice = codeText(error?.code);
  const title = isForbidden ? "Listing is not permitted" : "The devices could not be listed";
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields.
    <div role="group" aria-label={title}>
      <Message tone="bad" icon={isForbidden ? "lock" : "failed"} title={title}>
        <p>{message}</p>
        {advice && <p>{advice.text}</p>}
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
      <button type="button" onClick={() => store.devices.filterChanged(EVERYTHING)}>
        Show all devices
      </button>
    </p>
  </Message>
);
