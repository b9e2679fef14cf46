// The types of the simulated Graph; the build puts its entry of the package, `simulator.js`, beside this page.
export * from "../../js/types/simulator.js";
