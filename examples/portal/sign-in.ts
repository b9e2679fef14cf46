// The signed-in person's tokens for Graph, by MSAL.
import { InteractionRequiredAuthError, PublicClientApplication, type AuthenticationResult } from "@azure/msal-browser";
import type { TokenFunction } from "teams-device-diagnostics";

// Of your application's registration in Microsoft Entra.
const clientId = "00000000-0000-0000-0000-000000000000";
const authority = "https://login.microsoftonline.com/organizations";

const msal = new PublicClientApplication({ auth: { clientId, authority, clientCapabilities: ["CP1"] } });
const ready = msal.initialize();

/** The window that is open: one serves all who wait for it. */
let open: Promise<AuthenticationResult> | undefined;
const inOneWindow = (show: () => Promise<AuthenticationResult>) => (open ??= show().finally(() => (open = undefined)));

/** Asked by each call, before every request. The first time it opens a window, so that it has to follow a click. */
export const token: TokenFunction = async ({ scopes, claims }) => {
  await ready;
  const account = msal.getAllAccounts()[0] ?? (await inOneWindow(() => msal.loginPopup())).account;
  const request = { scopes, account, ...(claims && { claims }) };
  const result = await msal.acquireTokenSilent(request).catch((error) => {
    if (error instanceof InteractionRequiredAuthError) return inOneWindow(() => msal.acquireTokenPopup(request));
    throw error;
  });
  return result.accessToken;
};
