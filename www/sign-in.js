// Signs somebody in with MSAL, in a window of Microsoft's. Tokens and account stay in memory and are gone with the tab.

/** @import { Account } from "./access.js" */
/** @import { TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Service } from "./service.js" */

/** A second factor takes its time; MSAL by itself gives a person one minute. */
const PATIENCE_MS = 10 * 60_000;

/** Nobody who pastes a token downloads it. */
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
  // It is not told when somebody closes the window: a second attempt takes the place of the first.
  const { account } = await msal.loginPopup({ scopes: [`${root}/.default`], overrideInteractionInProgress: true });
  /** One window serves all who wait for a token. @type {Promise<{ accessToken: string }> | undefined} */
  let asking;
  /** @type {TokenFunction} */
  const token = async ({ scopes, claims }) => {
    // No hidden frame: the Content-Security-Policy allows none, and browsers that block foreign cookies make it fail anyway.
    const request = { scopes, account, cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken, ...(claims && { claims }) };
    try {
      return (await msal.acquireTokenSilent(request)).accessToken;
    } catch (error) {
      if (!(error instanceof InteractionRequiredAuthError)) throw error;
    }
    asking ??= msal.acquireTokenPopup(request).finally(() => {
      asking = undefined;
    });
    return (await asking).accessToken;
  };
  return { name: account.username, token };
}

/** What MSAL says to a person: its codes mean nothing to anybody, its sentences hold no secret. @param {unknown} error */
export const signInProblem = (error) => (error instanceof Error ? error.message : String(error));
