// The types of MSAL's script for the redirect page; the build puts it beside this page.
export * from "@azure/msal-browser/redirect-bridge";
