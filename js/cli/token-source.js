// Chooses where access tokens come from. A token is never an argument, because other users of a computer can read the arguments.
import { stat } from "node:fs/promises";
import { AzureCliCredential, hasAzureCli } from "./azure-cli.js";
import { accessError, codeOf, messageOf, usageError } from "./failure.js";
import { unlessInterrupted } from "./interruption.js";
import { rememberToken, withoutTokens } from "./safe-text.js";
import { readText } from "./text-file.js";
import { claimsOf, timeLeftOf } from "./token-claims.js";
import { lengthOf, momentOf } from "./words.js";

/** @import { TokenCredential, TokenSource } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "./context.js" */
/** @import { Service } from "./service.js" */

/** @typedef {{ tokenFile?: string, auth?: "azure-identity" | "azure-cli" }} TokenOptions */
/** @typedef {{ source: TokenSource, name: string, token: string }} ChosenToken `token` is the first token of the source */

const IDENTITY = "@azure/identity";
const WAYS =
  "Set GRAPH_TOKEN, pass --token-file FILE (- for standard input), install @azure/identity beside this package, or sign in with az login.";

/**
 * The token source of a command. When its first token has expired, nothing is sent.
 *
 * @param {Context} context @param {TokenOptions} options @param {Service} service
 * @returns {Promise<TokenSource>}
 */
export async function tokenSource(context, options, service) {
  const { source, name, token } = await chooseTokenSource(context, options, service);
  const left = timeLeftOf(claimsOf(token) ?? {});
  if (left === undefined || left > 0) return source;
  throw accessError(
    `The token from ${name} expired ${lengthOf(-left)} ago (${momentOf(Date.now() + left)})`,
    "Get a new token. If this one is new, correct the clock of this computer.",
  );
}

/**
 * The token source, and its first token: when it gives none, nothing is sent.
 *
 * @param {Context} context @param {TokenOptions} options @param {Service} service
 * @returns {Promise<ChosenToken>}
 */
export async function chooseTokenSource({ env, interruption: { signal } }, { tokenFile, auth }, service) {
  if (tokenFile !== undefined && auth) throw usageError("--token-file and --auth exclude each other", "Leave out one of them.");
  if (tokenFile !== undefined) return fromFile(tokenFile, signal);
  if (!auth && env.GRAPH_TOKEN) {
    const token = checked(env.GRAPH_TOKEN, "GRAPH_TOKEN");
    return { source: token, name: "GRAPH_TOKEN", token };
  }
  if (auth !== "azure-cli") {
    const credential = await azureIdentity(service, env);
    if (credential) return fromCredential(credential, IDENTITY, service, signal);
    if (auth)
      throw accessError("--auth azure-identity: @azure/identity is not installed beside this package", `Run npm install ${IDENTITY}.`);
  }
  if (hasAzureCli(env)) return fromCredential(new AzureCliCredential(), "the Azure CLI", service, signal);
  if (auth) throw accessError("--auth azure-cli: az is not on the PATH", "Install the Azure CLI and run az login.");
  throw accessError("There is no access token", WAYS);
}

/**
 * A file is read again for each token, so that another program can refresh it.
 *
 * @param {string} file @param {AbortSignal} signal
 * @returns {Promise<ChosenToken>}
 */
async function fromFile(file, signal) {
  const read = async () => checked(await readText(file, { option: "--token-file", signal }), file === "-" ? "Standard input" : file);
  const name = file === "-" ? "standard input" : `the file ${file}`;
  const token = await read();
  // A pipe, such as that of `<(…)` in a shell, can be read only once.
  const canBeReadAgain = file !== "-" && (await stat(file)).isFile();
  return { source: canBeReadAgain ? read : token, name, token };
}

/**
 * @param {TokenCredential} credential @param {string} name @param {Service} service @param {AbortSignal} signal
 * @returns {Promise<ChosenToken>}
 */
async function fromCredential(credential, name, service, signal) {
  const first = await unlessInterrupted(credential.getToken(service.scopes, { enableCae: true }), signal).catch((error) => {
    signal.throwIfAborted();
    throw accessError(`${name} gave no token: ${withoutTokens(messageOf(error))}`, WAYS);
  });
  if (!first?.token || typeof first.token !== "string") throw accessError(`${name} gave no token`, WAYS);
  rememberToken(first.token);
  return { source: beginningWith(first, credential), name, token: first.token };
}

/**
 * The credential, whose first token was already requested.
 *
 * @param {Awaited<ReturnType<TokenCredential["getToken"]>>} first @param {TokenCredential} credential
 * @returns {TokenCredential}
 */
function beginningWith(first, credential) {
  let ready = first;
  return {
    getToken: async (scopes, options = {}) => {
      const given = "claims" in options && options.claims ? null : ready;
      ready = null;
      return given ?? credential.getToken(scopes, options);
    },
  };
}

/** The credential of `@azure/identity`, if it is installed. @param {Service} service @param {NodeJS.ProcessEnv} env */
async function azureIdentity(service, env) {
  try {
    // The name is not written in the import, so that neither the bundle nor the types contain the package.
    const { DefaultAzureCredential } = await import(IDENTITY);
    return new DefaultAzureCredential(env.AZURE_AUTHORITY_HOST ? {} : { authorityHost: service.authority });
  } catch (error) {
    if (codeOf(error) === "ERR_MODULE_NOT_FOUND" && messageOf(error).includes(`'${IDENTITY}'`)) return undefined;
    throw accessError(`${IDENTITY} cannot be used: ${withoutTokens(messageOf(error))}`, `Install it again: npm install ${IDENTITY}.`);
  }
}

/** A token as text, checked. Its content is in no message. @param {string} text @param {string} name where it is from */
function checked(text, name) {
  const token = text.trim();
  if (token === "") throw accessError(`${name} holds no token`, "It must hold an access token for Graph, and nothing else.");
  if (/^bearer\s/i.test(token)) throw usageError(`${name} begins with the word Bearer`, "Leave that word out.");
  if (/[^\x21-\x7e]/.test(token))
    throw usageError(`${name} holds more than a token`, "It must hold an access token for Graph, and nothing else.");
  rememberToken(token);
  return token;
}
