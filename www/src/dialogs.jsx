// The view of the dialogs: the confirmation of many runs, texts to copy, and the documents of a run.

import { render } from "preact";
import { isOffline } from "./devices.js";
import { Heading, Listing } from "./dialog-parts.jsx";
import { Warning } from "./elements.jsx";
import { copyThis, text as textTitle } from "./messages.js";
import * as texts from "./messages-devices.js";
import { isSimulated } from "./service.js";

/** @import { VNode } from "preact" */
/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Service } from "./service.js" */
/** @import { RunDialog } from "./state.js" */
/** @import { Store } from "./store.js" */

/** The view of a document of a run; undefined if the run is gone. @typedef {(dialog: RunDialog) => VNode | undefined} DocumentOf */

/**
 * Shows, changes or closes the dialog. When it closes, the browser restores the focus.
 *
 * @param {HTMLDialogElement} dialog
 * @param {Store} store
 * @param {Actions} actions
 * @param {DocumentOf} documentOf
 */
export function showDialog(dialog, store, actions, documentOf) {
  const content = contentOf(store, actions, documentOf);
  render(content, dialog);
  if (content !== undefined && !dialog.open) dialog.showModal();
  else if (content === undefined && dialog.open) dialog.close();
}

/** @param {Store} store @param {Actions} actions @param {DocumentOf} documentOf */
function contentOf(store, actions, documentOf) {
  const { dialog, service } = store.state;
  if (dialog === undefined) return undefined;
  if (dialog.kind === "confirm") return <Confirmation devices={dialog.devices} service={service} actions={actions} />;
  if (dialog.kind === "text") return <TextToCopy text={dialog.text} actions={actions} />;
  return documentOf(dialog);
}

/** @param {{ text: string, actions: Actions }} properties */
const TextToCopy = ({ text, actions }) => (
  <>
    <Heading actions={actions}>{copyThis}</Heading>
    <Listing title={textTitle} text={text} />
  </>
);

/** @param {{ devices: Device[], service: Service, actions: Actions }} properties */
function Confirmation({ devices, service, actions }) {
  const offline = devices.filter(isOffline).length;
  const graph = isSimulated(service) ? texts.simulatedGraph : texts.graph(service.title);
  return (
    <>
      <Heading>{texts.confirm(devices.length)}</Heading>
      <p>{texts.confirmText(graph)}</p>
      {offline > 0 && <Warning>{texts.confirmOffline(offline)}</Warning>}
      <div class="buttons">
        <button type="button" class="primary" onClick={() => actions.start.runConfirmed(devices)}>
          {texts.confirmed}
        </button>
        <button type="button" autofocus onClick={() => actions.closeDialog()}>
          {texts.notNow}
        </button>
      </div>
    </>
  );
}
