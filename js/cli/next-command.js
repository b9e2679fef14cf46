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

/** @param {string} text */
const quotedForWindows = (text) => (/^[\w@+=:,./\\-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`);
