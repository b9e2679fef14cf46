// The types of MSAL, which the build puts beside this page as `msal-browser.js`.
export * from "@azure/msal-browser";
