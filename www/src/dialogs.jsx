// The view of the dialogs: the confirmation of many runs, texts to copy, and the documents of a run.

import { render } from "preact";
import { isOffline } from "./devices.js";
import { Copied, Warning } from "./elements.jsx";
import { isSimulated } from "./service.js";
import { count } from "./format.js";

/** @import { ComponentChildren, VNode } from "preact" */
/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Service } from "./service.js" */
/** @import { RunDialog, State } from "./state.js" */
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
    <Heading actions={actions}>Copy this text</Heading>
    <Listing title="Text" text={text} />
  </>
);

/** @param {{ devices: Device[], service: Service, actions: Actions }} properties */
function Confirmation({ devices, service, actions }) {
  const offline = devices.filter(isOffline).length;
  const graph = isSimulated(service) ? "the simulated Graph" : `Graph, ${service.title}`;
  return (
    <>
      <Heading>{`Run diagnostics on ${count(devices.length, "device")}?`}</Heading>
      <p>{`Each device collects its logs, through ${graph}. What has not started can be taken back; a run cannot be stopped.`}</p>
      {offline > 0 && (
        <Warning>
          {`${offline} of them ${offline === 1 ? "was" : "were"} offline at last contact, ten minutes ago or more. `}A run stays queued
          until its device is back.
        </Warning>
      )}
      <div class="buttons">
        <button type="button" class="primary" onClick={() => actions.start.runConfirmed(devices)}>
          Run
        </button>
        <button type="button" autofocus onClick={() => actions.closeDialog()}>
          Not now
        </button>
      </div>
    </>
  );
}

/** @param {{ title: string, text: string, children?: ComponentChildren }} properties */
export const Listing = ({ title, text, children }) => (
  <div class="listing">
    <div class="bar">
      <h3>{title}</h3>
      {children}
    </div>
    {/* Focusable with the Tab key, because it scrolls. */}
    {/* biome-ignore lint/a11y/useSemanticElements: its text is preformatted. */}
    <pre tabindex={0} role="region" aria-label={title}>
      <code>{text}</code>
    </pre>
  </div>
);

/** @param {{ id: string, what: string, text: string, copied: State["copied"], actions: Pick<Actions, "copy"> }} properties */
export const CopyButton = ({ id, what, text, copied, actions }) => (
  <span class="buttons">
    {copied === id && <Copied />}
    <button type="button" aria-label={`Copy ${what}`} onClick={() => actions.copy(text, id)}>
      Copy
    </button>
  </span>
);

/** The heading, with a button that closes the dialog. @param {{ children: string, actions?: Pick<Actions, "closeDialog"> }} properties */
export const Heading = ({ children, actions }) => (
  <div class="bar">
    <h2 id="dialog-heading">{children}</h2>
    {actions && (
      <button type="button" autofocus onClick={() => actions.closeDialog()}>
        Close
      </button>
    )}
  </div>
);
