// The view of the devices: the actions, the list in each of its states, and what to do if there are no devices.

import { DeviceTable } from "./device-table.jsx";
import { AddForm } from "./device-adding.jsx";
import { Filters } from "./device-filters.jsx";
import { DeviceSelections } from "./device-selections.jsx";
import { EVERYTHING, isOffline } from "./devices.js";
import { Icon, Message, Problem, Warning } from "./elements.jsx";
import { clock } from "./format.js";
import { codeText } from "./messages.js";
import { ENDED, LIST } from "./messages-access.js";
import * as texts from "./messages-devices.js";

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
          <p class="about">{texts.about}</p>
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
    <div class="toolbar" role="toolbar" aria-label={texts.section}>
      <button type="button" class="primary" aria-disabled={selected === 0} onClick={() => actions.start.run()}>
        <Icon name="run" />
        {selected === 0 ? texts.runNone : texts.run(selected)}
      </button>
      <button type="button" aria-disabled={isReading} onClick={() => !isReading && actions.devices.readList()}>
        <Icon name="refresh" />
        {texts.list}
      </button>
      <button type="button" aria-disabled={failed === 0} onClick={() => failed > 0 && store.devices.failedSelected()}>
        {texts.selectFailed}
      </button>
      <DeviceSelections saved={savedSelections.filter((saved) => saved.service === service.id)} selected={selected} actions={actions} />
    </div>
  );
}

/** @param {{ offline: Device[] }} properties */
const OfflineWarning = ({ offline }) => offline.length > 0 && <Warning>{texts.offline(offline.length, offline[0].name)}</Warning>;

/** The text in place of the table while there are no devices. @param {{ state: State, actions: Actions }} properties */
function ListState({ state, actions }) {
  const { list, devices } = state;
  if (list.kind === "reading") return <Reading read={list.read} />;
  if (list.kind === "failed" && list.error?.code === "unauthorized") return <Ended state={state} actions={actions} />;
  if (list.kind === "failed") return <Failed list={list} />;
  if (devices.length > 0) return null;
  return list.kind === "unread" ? (
    <Message tone="quiet" icon="devices" title={texts.noneYet}>
      <p>{LIST.unread}</p>
    </Message>
  ) : (
    <Message tone="quiet" icon="devices" title={texts.empty.title}>
      <p>{texts.empty.text}</p>
    </Message>
  );
}

/** @param {{ read: number }} properties */
const Reading = ({ read }) => (
  <div class="message quiet reading">
    <progress aria-label={texts.readingName} />
    <span>{texts.reading(read)}</span>
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
  const title = isForbidden ? texts.notPermitted : texts.notListed;
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no group of fields.
    <div role="group" aria-label={title}>
      <Message tone="bad" icon={isForbidden ? "lock" : "failed"} title={title}>
        <p>{message}</p>
        {advice && <p>{advice.text}</p>}
        <p>{texts.optional}</p>
        {error?.requestId && (
          <p class="about">
            {texts.requestId} <code>{error.requestId}</code>
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
  return (
    <p class="summary">
      <span>{texts.shown(rows.length, devices.length)}</span>
      {selected.length > 0 && <span>{texts.selected(selected.length, hidden)}</span>}
      {list.kind === "read" && <span>{texts.listedAt(clock(list.at))}</span>}
    </p>
  );
}

/** @param {{ store: Store }} properties */
const NothingFound = ({ store }) => (
  <Message tone="quiet" icon="search" title={texts.noMatch}>
    <p>
      <button type="button" onClick={() => store.devices.filterChanged(EVERYTHING)}>
        {texts.showAll}
      </button>
    </p>
  </Message>
);
