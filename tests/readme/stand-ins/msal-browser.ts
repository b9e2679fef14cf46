// Stands in for @azure/msal-browser where there is no tenant; its types are held against the real package's.
// What it was asked for is printed, and its tokens are numbered.
import type { AccountInfo, AuthenticationResult, Configuration, IPublicClientApplication, PopupRequest, SilentRequest } from "@azure/msal-browser";

type Used = Pick<IPublicClientApplication, "initialize" | "loginPopup" | "acquireTokenSilent" | "acquireTokenPopup" | "getAllAccounts">;

const account: AccountInfo = {
  homeAccountId: "h", localAccountId: "l", environment: "login.microsoftonline.com", tenantId: "t", username: "ada@contoso.example",
} as AccountInfo;

export class InteractionRequiredAuthError extends Error {}

const aPerson = () => new Promise((resolve) => setTimeout(resolve, 50));

export class PublicClientApplication implements Used {
  #initialized = false;
  #signedIn = false;
  #tokens = 0;

  constructor(configuration: Configuration) {
    if (!configuration.auth.clientId) throw new Error("no clientId");
    console.log(`msal ${configuration.auth.authority} ${configuration.auth.clientCapabilities}`);
  }

  async initialize(): Promise<void> {
    this.#initialized = true;
  }

  getAllAccounts(): AccountInfo[] {
    return this.#signedIn ? [account] : [];
  }

  async loginPopup(): Promise<AuthenticationResult> {
    if (!this.#initialized) throw new Error("uninitialized_public_client_application");
    console.log("msal login");
    await aPerson();
    this.#signedIn = true;
    return this.#result([]);
  }

  // The first question needs a person, as after a change of the password.
  async acquireTokenSilent(request: SilentRequest): Promise<AuthenticationResult> {
    if (!request.account) throw new Error("no_account_error");
    if (this.#tokens === 0) throw new InteractionRequiredAuthError("interaction_required");
    return this.#result(request.scopes, request.claims);
  }

  async acquireTokenPopup(request: PopupRequest): Promise<AuthenticationResult> {
    console.log("msal popup");
    await aPerson();
    return this.#result(request.scopes ?? [], request.claims);
  }

  #result(scopes: string[], claims?: string): AuthenticationResult {
    if (scopes.length > 0) console.log(`msal ${scopes} ${claims ?? ""}`.trimEnd());
    const accessToken = scopes.length > 0 ? `token-${++this.#tokens}` : "";
    return { accessToken, account, scopes } as AuthenticationResult;
  }
}
