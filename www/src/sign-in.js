// Signs the user in with MSAL, in a pop-up window of Microsoft's. Tokens and account are kept only in memory.

import { downloaded } from "./download.js";
import { SIGN_IN } from "./messages-access.js";
import { ownerOf } from "./owner.js";

/** @import { Account } from "./access.js" */
/** @import { Application } from "./applications.js" */
/** @import { TokenFunction } from "./teams-device-diagnostics.js" */
/** @import { Service } from "./service.js" */

/** The time limit for a sign-in. MSAL's default is one minute, which is too short for a second factor. */
const PATIENCE_MS = 10 * 60_000;
const [WIDTH, HEIGHT] = [483, 600];

/** What a renewed sign-in must be for: an account, and what Graph demands of its token. @typedef {{ name?: string, claims?: string }} Renewal */

/** Downloads MSAL, which a user who pastes a token does not need. @type {() => Promise<typeof import("./msal-browser.js")>} */
export const loadMsal = downloaded("msal-browser.js", SIGN_IN.library);

/** An empty window for a sign-in. Browsers allow it only within a click, and so before MSAL is there. */
export function openWindow() {
  const [left, top] = [screenX + (outerWidth - WIDTH) / 2, screenY + (outerHeight - HEIGHT) / 2].map(Math.round);
  return window.open("about:blank", "_blank", `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`);
}

/**
 * @param {Service} service
 * @param {Application} application
 * @param {Window} popup
 * @param {Renewal} renewal
 * @returns {Promise<Account>}
 */
export async function signIn({ root, login }, application, popup, { name, claims }) {
  const { CacheLookupPolicy, InteractionRequiredAuthError, PublicClientApplication } = await loadMsal();
  const msal = new PublicClientApplication({
    auth: {
      clientId: application.clientId,
      authority: `https://${login}/${encodeURIComponent(application.tenant)}`,
      redirectUri: new URL("./signed-in.html", location.href).href,
      clientCapabilities: ["CP1"],
    },
    cache: { cacheLocation: "memoryStorage" },
    system: { popupBridgeTimeout: PATIENCE_MS },
  });
  await msal.initialize();
  const { account } = await msal.loginPopup({
    scopes: [`${root}/.default`],
    // Administrators often have a second account.
    ...(name === undefined ? { prompt: "select_account" } : { loginHint: name }),
    ...(claims && { claims }),
    popupWindowParent: opening(popup),
    // MSAL does not notice when the window is closed, so a second attempt must be able to replace the first.
    overrideInteractionInProgress: true,
  });
  /** @type {Account} */
  const signedIn = { name: account.username, owner: ownerOf(account.tenantId, account.localAccountId), application, token };
  return signedIn;

  /** @type {TokenFunction} */
  async function token({ scopes, claims }) {
    // No hidden frame: the Content-Security-Policy forbids it, and it fails in browsers that block third-party cookies.
    const request = { scopes, account, cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken, ...(claims && { claims }) };
    try {
      return (await msal.acquireTokenSilent(request)).accessToken;
    } catch (error) {
      // No window opens by itself, however many runs ask: browsers block it. The runs are paused, and a button leads to it.
      if (error instanceof InteractionRequiredAuthError) signedIn.claims = claims;
      throw error;
    }
  }
}

/** This window for MSAL, which opens its own in it: it gets the one that the click has opened. @param {Window} popup */
const opening = (popup) => new Proxy(window, { get: (target, name) => (name === "open" ? () => popup : Reflect.get(target, name)) });
