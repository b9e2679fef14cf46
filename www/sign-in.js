// @ts-check
// Signs somebody in with MSAL, in a window of Microsoft's. Tokens and account stay in memory and are gone with the tab.

/** @import { TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Service } from "./service.js" */

/** Nobody who pastes a token downloads it. */
export const loadMsal = () => import("./msal-browser.js");

/**
 * @param {Service} service
 * @param {{ clientId: string, tenant: string }} application
 * @returns {Promise<{ name: string, token: TokenFunction }>}
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
  });
  await msal.initialize();
  const { account } = await msal.loginPopup({ scopes: [`${root}/.default`] });
  return {
    name: account.username,
    async token({ scopes, claims }) {
      // No hidden frame: the Content-Security-Policy allows none, and browsers that block foreign cookies make it fail anyway.
      const request = { scopes, account, cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken, ...(claims && { claims }) };
      const result = await msal.acquireTokenSilent(request).catch((error) => {
        if (error instanceof InteractionRequiredAuthError) return msal.acquireTokenPopup(request);
        throw error;
      });
      return result.accessToken;
    },
  };
}

/** What MSAL says to a person: its codes mean nothing to anybody, its sentences hold no secret. @param {unknown} error */
export const signInProblem = (error) => (error instanceof Error ? error.message : String(error));
