// Signs the user in with MSAL, in a pop-up window of Microsoft's. Tokens and account are kept only in memory.

import { ownerOf } from "./owner.js";

/** @import { Account } from "./access.js" */
/** @import { TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Service } from "./service.js" */

/** The time limit for a sign-in. MSAL's default is one minute, which is too short for a second factor. */
const PATIENCE_MS = 10 * 60_000;

/** Downloads MSAL, which a user who pastes a token does not need. */
export const loadMsal = () => import("./msal-browser.js");

/**
 * @param {Service} service
 * @param {{ clientId: string, tenant: string }} application
 * @returns {Promise<Account>}
 */
export async function signIn({ root, login }, { clientId, tenant }) {
  const { CacheLookupPolicy, InteractionRequiredAuthError, PublicClientApplication } = await loadMsal();
  const msal = new PublicClientApplication({
    auth: {
      clientId,
      authority: `https://${login}/${encodeURIComponent(tenant)}`,
      redirectUri: new URL("./signed-in.html", location.href).href,
      clientCapabilities: ["CP1"],
    },
    cache: { cacheLocation: "memoryStorage" },
    system: { popupBridgeTimeout: PATIENCE_MS },
  });
  await msal.initialize();
  // MSAL does not notice when the window is closed, so a second attempt must be able to replace the first.
  const { account } = await msal.loginPopup({ scopes: [`${root}/.default`], overrideInteractionInProgress: true });
  /** The open window, which serves all calls that wait for a token. @type {Promise<{ accessToken: string }> | undefined} */
  let popup;
  /** @type {TokenFunction} */
  const token = async ({ scopes, claims }) => {
    // No hidden frame: the Content-Security-Policy forbids it, and it fails in browsers that block third-party cookies.
    const request = { scopes, account, cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken, ...(claims && { claims }) };
    try {
      return (await msal.acquireTokenSilent(request)).accessToken;
    } catch (error) {
      if (!(error instanceof InteractionRequiredAuthError)) throw error;
    }
    popup ??= msal.acquireTokenPopup(request).finally(() => {
      popup = undefined;
    });
    return (await popup).accessToken;
  };
  return { name: account.username, owner: ownerOf(account.tenantId, account.localAccountId), token };
}

/** The message of MSAL for the user. It contains no secret. @param {unknown} error */
export const signInProblem = (error) => (error instanceof Error ? error.message : String(error));
