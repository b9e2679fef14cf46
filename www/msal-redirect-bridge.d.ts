// The types of MSAL's part for the page that Microsoft leads back to, which the build puts beside it.
export * from "@azure/msal-browser/redirect-bridge";
