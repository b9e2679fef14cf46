// The types of the package; the build puts its one-file version, `teams-device-diagnostics.js`, beside this page.
export * from "../../js/types/index.js";
