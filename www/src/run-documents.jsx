// The views of the documents of a run, for developers and for support: its code, and its HTTP exchange.

import { CopyButton } from "./copying.jsx";
import { Heading, Listing } from "./dialog-parts.jsx";
import { DOCUMENTS } from "./messages-runs.js";
import { batchSnippet, nodeSnippet, portalSnippet } from "./snippets.js";

/** @import { Run } from "./run.js" */
/** @import { RunPageActions } from "./run-page-actions.js" */
/** @import { State } from "./state.js" */

/** `deviceIds` are those of its batch. @typedef {{ run: Run, deviceIds: string[], copied: State["copied"], actions: RunPageActions }} RunProperties */

/** @param {RunProperties} properties */
export function HttpExchange({ run: { name, httpLog }, deviceIds: _, ...copying }) {
  const text = httpLog.toText();
  return (
    <>
      <Heading actions={copying.actions}>{DOCUMENTS.exchange(name)}</Heading>
      <p class="about">{DOCUMENTS.exchangeAbout}</p>
      {text === "" ? (
        <p>{DOCUMENTS.nothingSent}</p>
      ) : (
        <Listing title={DOCUMENTS.messages} text={text}>
          <CopyButton id="httpLog" what={DOCUMENTS.copy.exchange} text={text} {...copying} />
        </Listing>
      )}
    </>
  );
}

/** @param {RunProperties} properties */
export function Code({ run: { name, deviceId, service }, deviceIds, ...copying }) {
  const { cloud, baseUrl } = service;
  const portal = portalSnippet({ deviceId, cloud, baseUrl });
  const node = nodeSnippet({ deviceId, cloud, baseUrl });
  const batch = batchSnippet({ deviceIds, cloud, baseUrl });
  return (
    <>
      <Heading actions={copying.actions}>{DOCUMENTS.code(name)}</Heading>
      <p class="about">{baseUrl === undefined ? DOCUMENTS.codeAbout : DOCUMENTS.codeSimulated}</p>
      <Listing title={DOCUMENTS.portal} text={portal}>
        <CopyButton id="portal" what={DOCUMENTS.copy.portal} text={portal} {...copying} />
      </Listing>
      <Listing title={DOCUMENTS.node} text={node}>
        <CopyButton id="node" what={DOCUMENTS.copy.node} text={node} {...copying} />
      </Listing>
      <Listing title={DOCUMENTS.batch} text={batch}>
        <CopyButton id="batch" what={DOCUMENTS.copy.batch} text={batch} {...copying} />
      </Listing>
    </>
  );
}
