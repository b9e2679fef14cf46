// check: whether the token and the service are fit for a run; one line for each question, with what to do.
import { AZURE_CLI_APP } from "../azure-cli.js";
import { EXIT } from "../failure.js";
import { hintText, inOwnWords } from "../hint.js";
import { safeText } from "../safe-text.js";
import { requestOptions } from "../request-options.js";
import { isMicrosoft, serviceOf } from "../service.js";
import { claimsOf, permissionsOf, timeLeftOf } from "../token-claims.js";
import { chooseTokenSource } from "../token-source.js";
import { lengthOf } from "../words.js";

/** @import { RequestOptions, TokenSource } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { Service } from "../service.js" */
/** @import { TokenClaims } from "../token-claims.js" */
/** @import { TokenOptions } from "../token-source.js" */

/** @typedef {{ check: string, state: "good" | "warning" | "bad", message: string, hint?: string, exitCode?: number }} Finding */

const READ = "TeamworkDevice.Read.All";
const WRITE = "TeamworkDevice.ReadWrite.All";
const SOON_MS = 10 * 60_000;
/** The id of Microsoft Graph as an application: the audience of some tokens for it, in every cloud. */
const GRAPH_APP = "00000003-0000-0000-c000-000000000000";

/** @param {Context} context @param {RequestOptions & TokenOptions} options */
export async function check(context, options) {
  const service = serviceOf(options);
  const { source, name, token } = await chooseTokenSource(context, options, service);
  const tell = (/** @type {Finding} */ finding) => print(context, finding);
  const claims = claimsOf(token);
  const findings = [
    good("source", `The token is from ${name}`),
    ...(claims ? [audience(claims, service), lifetime(claims), kind(claims), permissions(claims)] : [unreadable()]),
  ];
  findings.forEach(tell);
  const answer = await answerOf(context, source, options, service);
  tell(answer);
  return Math.max(...[...findings, answer].map(({ state, exitCode = EXIT.noAccess }) => (state === "bad" ? exitCode : EXIT.allSuccessful)));
}

/** @param {Context} context @param {Finding} finding */
function print({ output }, { check, state, message, hint }) {
  if (output.json) return output.record({ type: "check", check, state, message, hint });
  const { colors, marks } = output.out;
  const mark = { good: colors.green(marks.good), warning: colors.yellow(marks.warning), bad: colors.red(marks.bad) }[state];
  output.line(`${mark} ${safeText(hint ? `${message.replace(/\.$/, "")}. ${hint}` : message)}`);
}

/** @param {TokenClaims} claims @param {Service} service @returns {Finding} */
function audience({ audiences }, { origin }) {
  if (audiences.length === 0) return warning("audience", "The token does not say which service it is for", "Graph decides.");
  if (audiences.includes(GRAPH_APP)) return good("audience", "The token is for Microsoft Graph");
  if (audiences.some((audience) => audience.replace(/\/+$/, "") === origin)) return good("audience", `The token is for ${origin}`);
  const named = audiences.join(" and ");
  if (!isMicrosoft(origin))
    return warning("audience", `The token is for ${named}, and requests go to ${origin}`, "Check that this is a gateway to that Graph.");
  return bad(
    "audience",
    `The token is for ${named}, not for ${origin}`,
    `Request a token for ${origin}/.default, or pass the --cloud of the tenant.`,
  );
}

/** @param {TokenClaims} claims @returns {Finding} */
function lifetime(claims) {
  const left = timeLeftOf(claims);
  if (left === undefined) return warning("lifetime", "The token does not say when it expires", "Graph decides.");
  if (left <= 0) return bad("lifetime", `The token expired ${lengthOf(-left)} ago`, "Get a new one, and check the clock of this computer.");
  if (claims.nbf !== undefined && claims.nbf * 1_000 - Date.now() > 300_000)
    return bad("lifetime", "The token is not valid yet", "Check the clock of this computer.");
  if (left < SOON_MS)
    return warning(
      "lifetime",
      `The token expires in ${lengthOf(left)}`,
      "A longer run needs a source that gives new tokens: --token-file or @azure/identity.",
    );
  return good("lifetime", `The token expires in ${lengthOf(left)}`);
}

/** @param {TokenClaims} claims @returns {Finding} */
function kind(claims) {
  const { kind } = permissionsOf(claims);
  const of = claims.tid ? ` of the tenant ${claims.tid}` : "";
  return good(
    "kind",
    kind === "delegated"
      ? `It is a user's token (delegated permissions)${of}`
      : `It is an application's token (application permissions)${of}`,
  );
}

/** @param {TokenClaims} claims @returns {Finding} */
function permissions(claims) {
  const { kind, permissions: found } = permissionsOf(claims);
  if (found.includes(WRITE)) return good("permissions", `It has ${WRITE}: every command works`);
  if (found.includes(READ))
    return bad(
      "permissions",
      `It has only ${READ}: devices, operations and wait work, run does not`,
      `Grant ${WRITE} as ${kind} permission, with admin consent.`,
    );
  if (claims.appid === AZURE_CLI_APP) {
    return bad(
      "permissions",
      "It is a user's token of the Azure CLI, which lacks the permissions for Teams devices",
      `Sign in as an application that has ${WRITE}: az login --service-principal.`,
    );
  }
  return bad(
    "permissions",
    `It has neither ${WRITE} nor ${READ}`,
    `Grant ${WRITE} as ${kind} permission, with admin consent, and get a new token.`,
  );
}

/** @returns {Finding} */
const unreadable = () =>
  warning(
    "claims",
    "The token is not a JSON Web Token, so its audience, lifetime and permissions cannot be read",
    "The next line says whether Graph accepts it.",
  );

/**
 * Reads the first page of the devices: whether Graph accepts the token, and whether the API still exists for this tenant.
 *
 * @param {Context} context @param {TokenSource} source @param {RequestOptions} options @param {Service} service
 * @returns {Promise<Finding>}
 */
async function answerOf({ api, interruption }, source, options, { root }) {
  const list = api.listDevices(source, { maxRetries: 1, ...requestOptions(options), signal: interruption.signal });
  try {
    const { done } = await list.next();
    await list.return?.();
    return good("api", done ? `${root} answers: it lists no devices` : `${root} answers: the API lists the devices of this tenant`);
  } catch (error) {
    if (!api.isDiagnosticsError(error)) throw error;
    const isAccess = error.code === "unauthorized" || error.code === "forbidden";
    const exitCode = isAccess ? EXIT.noAccess : EXIT.notAllSuccessful;
    return { ...bad("api", `${root}: ${inOwnWords(error.message)}`, hintText(error.hint)), exitCode };
  }
}

/** @param {string} check @param {string} message @returns {Finding} */
const good = (check, message) => ({ check, state: "good", message });
/** @param {string} check @param {string} message @param {string} [hint] @returns {Finding} */
const warning = (check, message, hint) => ({ check, state: "warning", message, hint });
/** @param {string} check @param {string} message @param {string} [hint] @returns {Finding} */
const bad = (check, message, hint) => ({ check, state: "bad", message, hint });
