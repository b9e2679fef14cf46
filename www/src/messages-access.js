// Every text about access for people, in English: the sign-in, the token, the choice of Graph, and the simulated Graph. A translation
// replaces this file.

/** The line while there is access, and the buttons on it. */
export const LINE = { signedInAs: "Signed in as", tokenGiven: "Access token given", signOut: "Sign out", change: "Change" };

export const SIGN_IN = {
  button: "Sign in with Microsoft",
  try: "Try it with simulated devices",
  graph: "Graph",
  permission: ["Your account needs the permission", ". Tokens stay in this tab's memory, and go only to the chosen Graph."],
  waiting: "Go on in Microsoft's window. If you closed it, press the button again.",
  needed: "Sign in first. Other ways has a field for an access token.",
  blocked: "The browser blocked Microsoft's window. Allow pop-up windows for this page, and press the button again.",
  library: "Microsoft's sign-in",
  done: (/** @type {string} */ name) => `Signed in as ${name}.`,
};

/** The application of a sign-in. */
export const APPLICATION = {
  clientId: "Client id",
  tenant: "Tenant",
  another: "Use another application",
  cancel: "Cancel",
  with: ["Application", ", tenant"],
  from: {
    file: ", as configured for this page.",
    address: ", from the link that opened this page. Sign in only if you know this application.",
    earlier: ", as last time.",
  },
  register: "The client id is that of an application in Microsoft Entra, with this single-page redirect URI:",
  how: { text: "How to register one", url: "https://learn.microsoft.com/entra/identity-platform/quickstart-register-app" },
  wrong: {
    clientId: "This is no client id, such as 11111111-2222-3333-4444-555555555555.",
    tenant: "This is no tenant: give its id or its domain, or leave the field empty.",
  },
  wrongFile: "The configuration of this page, config.json, cannot be used. Tell whoever manages this page.",
  wrongAddress: "The link that opened this page names no usable application. It is ignored.",
};

export const TOKEN = {
  otherWays: "Other ways",
  label: "Access token",
  about: "Graph Explorer shows one under Access token. The list is read with it at once.",
};

export const SIMULATED = {
  tenant: "Simulated tenant",
  about: "Nothing here is real.",
  ways: "Try a token",
  effects: ["Any token works, or none.", "have the effect of their name."],
};

export const LIST = { unread: "With a sign-in, the devices of the tenant are listed here. You can also add devices by their ids below." };

/** In the window of a sign-in, when it was opened without one. */
export const noSignIn = "No sign-in is in progress. You can close this window.";

/** In place of the list, when Graph no longer takes the sign-in. */
export const ENDED = {
  title: "Your sign-in ended",
  notAccepted: "The token is not accepted",
  text: "Graph refused it: it has expired, or is for another Graph. The list is read at once after another sign-in.",
  signIn: "Sign in again",
  paste: "Paste another token",
};
