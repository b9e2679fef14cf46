// The types of MSAL; the build puts `msal-browser.js` beside this page.
export * from "@azure/msal-browser";
