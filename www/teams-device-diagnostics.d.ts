// The types of the package's single-file build, which lies beside this page as `teams-device-diagnostics.js`.
export * from "../js/types/index.js";
