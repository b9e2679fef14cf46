// Tokens for Graph of the signed-in user, from MSAL.
import { InteractionRequiredAuthError, PublicClientApplication, type AuthenticationResult } from "@azure/msal-browser";
import type { TokenFunction } from "teams-device-diagnostics";

// From the registration of your application in Microsoft Entra.
const clientId = "00000000-0000-0000-0000-000000000000";
const authority = "https://login.microsoftonline.com/organizations";

const msal = new PublicClientApplication({ auth: { clientId, authority, clientCapabilities: ["CP1"] } });
const ready = msal.initialize();

/** The open sign-in window. All calls that need a sign-in wait for the same window. */
let open: Promise<AuthenticationResult> | undefined;
const inOneWindow = (show: () => Promise<AuthenticationResult>) => (open ??= show().finally(() => (open = undefined)));

/** Called before every request. The first call opens a window, so start from a click. */
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
