// A customer's folder, which contains only the packed package, installed offline from its tarball.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../scripts/tools.mjs";

export const PACKAGE = "teams-device-diagnostics";

/**
 * What `npm pack --json` prints about a package.
 *
 * @typedef {{ filename: string, files: { path: string }[] }} Packed
 */

/**
 * @param {string} [above] the parent of the customer's folder
 * @returns {{ folder: string, files: string[], remove: () => void }} `files` is the content of the tarball
 */
export function installPackage(above = tmpdir()) {
  const folder = mkdtempSync(join(above, "customer-"));
  /** @param {string[]} args @param {string} cwd */
  const npm = (args, cwd) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  /** @type {Packed[] | Record<string, Packed>} an array, or an object by names, depending on the version of npm */
  const packed = JSON.parse(npm(["pack", "--json", "--pack-destination", folder], join(ROOT, "pkg")));
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values(packed);
  writeFileSync(join(folder, "package.json"), '{ "name": "customer", "private": true }');
  npm(["install", "--offline", "--no-package-lock", "--no-audit", "--no-fund", join(folder, filename)], folder);
  return { folder, files: files.map(({ path }) => path).sort(), remove: () => rmSync(folder, { recursive: true }) };
}

/**
 * The job as a customer writes it, as the text of a script. It reports the operation's status, or the error.
 *
 * @param {string} baseUrl
 * @param {{ from?: string, require?: boolean, tell?: string }} [options] the import, and the function that reports
 */
export function job(baseUrl, { from = PACKAGE, require = false, tell = "console.log" } = {}) {
  const names = "{ runDiagnostics, waitForOperation }";
  return `${require ? `const ${names} = require("${from}");` : `import ${names} from "${from}";`}
const tell = ${tell};
(async () => {
  ${calls(baseUrl)}
  return operation.status;
})().then(tell, (error) => tell(String(error)));
`;
}

/** The two calls of the job; the result is in `operation`. @param {string} baseUrl */
export const calls = (baseUrl) => `const location = await runDiagnostics("token", "successful", { baseUrl: "${baseUrl}" });
  const operation = await waitForOperation(location, { pollInterval: 10 });`;
