// Passes Microsoft's response to the page that opened this window, and closes the window.

import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";

try {
  await broadcastResponseToMainFrame();
} catch {
  const text = document.querySelector("p");
  if (text !== null) text.textContent = "No sign-in is in progress. You can close this window.";
}
