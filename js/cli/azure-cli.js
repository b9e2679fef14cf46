// The Azure CLI as a credential: `az account get-access-token`.
import { execFile, exec } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { objectOf, textOf } from "./foreign.js";

const isWindows = process.platform === "win32";
const LIMIT = { timeout: 120_000, maxBuffer: 1024 * 1024, windowsHide: true };

/** The id of the Azure CLI as an application: the `appid` of its users' tokens. */
export const AZURE_CLI_APP = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/** Whether the Azure CLI is on the PATH. @param {NodeJS.ProcessEnv} env */
export function hasAzureCli(env) {
  const names = isWindows ? ["az.cmd", "az.exe"] : ["az"];
  const folders = (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean);
  return folders.some((folder) => names.some((name) => existsSync(join(folder, name))));
}

/** Gets tokens for the account that is signed in with `az login`. */
export class AzureCliCredential {
  /**
   * @param {string[]} scopes
   * @param {{ claims?: string }} [options]
   * @returns {Promise<{ token: string, expiresOnTimestamp?: number }>}
   */
  async getToken([scope], options) {
    if (options?.claims) throw new Error("Graph demands a new sign-in. Run az login, or az login --service-principal for an application");
    if (!/^https?:\/\/[\w.:-]+\/\.default$/.test(scope)) throw new Error(`The Azure CLI has no token for ${scope}`);
    const { accessToken, expires_on: seconds, expiresOn: localTime } = objectOf(await output(scope));
    // What it printed instead may be a secret, so it is in no message.
    if (typeof accessToken !== "string" || !/^[\x21-\x7e]+$/.test(accessToken))
      throw new Error("The Azure CLI printed something else than a token. See what az account get-access-token --output json prints");
    const expires = seconds ? Number(textOf(seconds)) * 1_000 : Date.parse(textOf(localTime));
    return { token: accessToken, ...(Number.isFinite(expires) && { expiresOnTimestamp: expires }) };
  }
}

/** What `az` prints. Its own messages say what to do, such as to run `az login`. @param {string} scope */
async function output(scope) {
  const args = ["account", "get-access-token", "--scope", scope, "--output", "json"];
  try {
    // On Windows `az` is a batch file, which only a shell can start. The scope was checked, so the line needs no quotes.
    const running = isWindows ? promisify(exec)(["az", ...args].join(" "), LIMIT) : promisify(execFile)("az", args, LIMIT);
    return (await running).stdout;
  } catch (error) {
    const { stderr = "", killed } = /** @type {{ stderr?: string, killed?: boolean }} */ (error);
    if (killed) throw new Error("The Azure CLI did not respond within two minutes");
    const said = stderr
      .replace(/^ERROR:\s*/, "")
      .trim()
      .split("\n", 1)[0];
    throw new Error(said ? `The Azure CLI: ${said}` : "The Azure CLI failed. Run az login");
  }
}
