// The views of the documents of a run, for developers and for support: its code, and its HTTP exchange.

import { CopyButton, Heading, Listing } from "./dialogs.jsx";
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
export function Code({ run: { name, deviceId, service }, deviceIds, ...copying }) {
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
