// The types of the package; the build puts its one-file entry for fleets, as `teams-device-diagnostics.js`, beside this page.
export * from "../../js/types/fleet.js";
