// The part of MSAL that the page uses. It is a file of its own, because only a sign-in needs it.
export { CacheLookupPolicy, InteractionRequiredAuthError, PublicClientApplication } from "@azure/msal-browser";
