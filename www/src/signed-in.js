// Passes Microsoft's response to the page that opened this window, and closes the window.

import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";
import { noSignIn } from "./messages-access.js";

try {
  await broadcastResponseToMainFrame();
} catch {
  const text = document.querySelector("p");
  if (text !== null) text.textContent = noSignIn;
}
