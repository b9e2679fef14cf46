// The command with which a person goes on after an interruption, quoted for the shell.
import { safeText } from "./safe-text.js";

const NAME = "teams-device-diagnostics";

/** @param {string[]} args @param {NodeJS.ProcessEnv} env */
export function commandLine(args, env) {
  const name = env.npm_command === "exec" ? ["npx", NAME] : [NAME];
  return [...name, ...args.map(process.platform === "win32" ? quotedForWindows : quoted)].map(safeText).join(" ");
}

/** @param {string} text */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Quoted for cmd.exe and PowerShell. @param {string} text */
export const quotedForWindows = (text) =>
  // A backslash is only special before a quotation mark.
  /^[\w@+=:,./\\-]+$/.test(text) ? text : `"${text.replace(/(\\*)("|$)/g, (_, before, mark) => before + before + (mark && '\\"'))}"`;
