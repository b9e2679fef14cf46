// The view of the dialogs: the confirmation of many runs, the code of a run, its HTTP log, and texts to copy.

import { render } from "preact";
import { batchSnippet, nodeSnippet, portalSnippet } from "./snippets.js";
import { isOffline } from "./devices.js";
import { Copied, Warning } from "./elements.jsx";
import { isSimulated } from "./service.js";
import { count } from "./format.js";

/** @import { ComponentChildren } from "preact" */
/** @import { Actions } from "./actions.js" */
/** @import { Device } from "./devices.js" */
/** @import { Run } from "./run.js" */
/** @import { Service } from "./service.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/**
 * Shows, changes or closes the dialog. When it closes, the browser restores the focus.
 *
 * @param {HTMLDialogElement} dialog
 * @param {Store} store
 * @param {Actions} actions
 */
export function showDialog(dialog, store, actions) {
  const content = contentOf(store, actions);
  render(content, dialog);
  if (content !== undefined && !dialog.open) dialog.showModal();
  else if (content === undefined && dialog.open) dialog.close();
}

/** @param {Store} store @param {Actions} actions */
function contentOf(store, actions) {
  const { dialog, copied, service } = store.state;
  if (dialog === undefined) return undefined;
  if (dialog.kind === "confirm") return <Confirmation devices={dialog.devices} service={service} actions={actions} />;
  if (dialog.kind === "text") return <TextToCopy text={dialog.text} actions={actions} />;
  const run = store.runs.run(dialog.run);
  if (run === undefined) return undefined;
  const View = dialog.kind === "httpLog" ? HttpExchange : Code;
  const deviceIds = store.state.runs.filter(({ batch }) => batch === run.batch).map(({ deviceId }) => deviceId);
  return <View run={run} deviceIds={deviceIds} copied={copied} actions={actions} />;
}

/** @param {{ text: string, actions: Actions }} properties */
const TextToCopy = ({ text, actions }) => (
  <>
    <Heading actions={actions}>Copy this text</Heading>
    <Listing title="Text" text={text} />
  </>
);

/** `deviceIds` are those of its batch. @typedef {{ run: Run, deviceIds: string[], copied: State["copied"], actions: Actions }} RunProperties */

/** @param {RunProperties} properties */
function HttpExchange({ run: { name, httpLog }, deviceIds: _, ...copying }) {
  const text = httpLog.toText();
  return (
    <>
      <Heading actions={copying.actions}>{`HTTP exchange: ${name}`}</Heading>
      <p class="about">
        The exchange as this page could see it. Tokens are replaced by [token]. The rest is unchanged, so read it before you send it to
        anybody.
      </p>
      {text === "" ? (
        <p>Nothing has been sent yet.</p>
      ) : (
        <Listing title="Requests and responses" text={text}>
          <CopyButton id="httpLog" what="the HTTP exchange" text={text} {...copying} />
        </Listing>
      )}
    </>
  );
}

/** @param {RunProperties} properties */
function Code({ run: { name, deviceId, service }, deviceIds, ...copying }) {
  const { cloud, baseUrl } = service;
  const portal = portalSnippet({ deviceId, cloud, baseUrl });
  const node = nodeSnippet({ deviceId, cloud, baseUrl });
  const batch = batchSnippet({ deviceIds, cloud, baseUrl });
  const against =
    baseUrl !== undefined
      ? "The code of this run, against the simulated Graph."
      : "The code of this run. The token comes from your own sign-in.";
  return (
    <>
      <Heading actions={copying.actions}>{`The code: ${name}`}</Heading>
      <p class="about">{against}</p>
      <Listing title="TypeScript for a portal" text={portal}>
        <CopyButton id="portal" what="the code for a portal" text={portal} {...copying} />
      </Listing>
      <Listing title="TypeScript for Node" text={node}>
        <CopyButton id="node" what="the code for Node" text={node} {...copying} />
      </Listing>
      <Listing title="The whole batch, as this page runs it" text={batch}>
        <CopyButton id="batch" what="the code for the batch" text={batch} {...copying} />
      </Listing>
    </>
  );
}

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
        <button type="button" class="primary" onClick={() => actions.runs.runConfirmed(devices)}>
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
const Listing = ({ title, text, children }) => (
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

/** @param {{ id: string, what: string, text: string, copied: State["copied"], actions: Actions }} properties */
const CopyButton = ({ id, what, text, copied, actions }) => (
  <span class="buttons">
    {copied === id && <Copied />}
    <button type="button" aria-label={`Copy ${what}`} onClick={() => actions.copy(text, id)}>
      Copy
    </button>
  </span>
);

/** The heading, with a button that closes the dialog. @param {{ children: string, actions?: Actions }} properties */
const Heading = ({ children, actions }) => (
  <div class="bar">
    <h2 id="dialog-heading">{children}</h2>
    {actions && (
      <button type="button" autofocus onClick={() => actions.closeDialog()}>
        Close
      </button>
    )}
  </div>
);
