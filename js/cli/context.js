// What every command gets: the library, the output, and the surroundings of the process.

/**
 * @typedef {object} Context
 * @property {typeof import("teams-device-diagnostics/fleet")} api
 * @property {import("./output.js").Output} output
 * @property {import("./interruption.js").Interruption} interruption
 * @property {import("./defects.js").Defects} defects
 * @property {NodeJS.WriteStream} stderr the terminal of the live lines
 * @property {NodeJS.ProcessEnv} env
 * @property {string[]} args of the command line, without Node and the program
 */

export {};
