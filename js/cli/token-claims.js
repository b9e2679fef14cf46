// What an access token says about itself. It is only shown: whether it is valid is decided by Graph alone.
import { isObject, parsed, textOf } from "./foreign.js";

/** @typedef {ReturnType<typeof typed>} TokenClaims the claims that matter here; any may be missing */

/** The claims of a token, or undefined if it is not a JSON Web Token. @param {string} token @returns {TokenClaims | undefined} */
export function claimsOf(token) {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  const claims = parsed(Buffer.from(parts[1], "base64url").toString("utf8"));
  return isObject(claims) ? typed(claims) : undefined;
}

/** The claims that have the type that they should have. Whoever made the token may have written anything. @param {Record<string, unknown>} claims */
const typed = ({ aud, exp, nbf, scp, roles, appid, idtyp, tid }) => ({
  /** The services that it is for; usually one. */
  audiences: textsOf(Array.isArray(aud) ? aud : [aud]),
  /** When it expires, in seconds since the Unix epoch; and when it becomes valid. */
  exp: typeof exp === "number" ? exp : undefined,
  nbf: typeof nbf === "number" ? nbf : undefined,
  /** Delegated permissions, separated by spaces. */
  scp: typeof scp === "string" ? scp : undefined,
  /** Application permissions. */
  roles: textsOf(Array.isArray(roles) ? roles : []),
  /** The application that requested it, its kind (`app` or `user`), and the tenant. */
  appid: textOf(appid),
  idtyp: textOf(idtyp),
  tid: textOf(tid),
});

/** @param {unknown[]} values */
const textsOf = (values) => values.filter((value) => typeof value === "string" && value !== "").map(String);

/** The last second that a date can have. */
const LAST = 8.64e12;

/** The time until a token expires in milliseconds, negative if it has; undefined if it does not say that. @param {{ exp?: number }} claims */
export const timeLeftOf = ({ exp }) => (exp !== undefined && exp >= 0 && exp <= LAST ? exp * 1_000 - Date.now() : undefined);

/** The permissions of a token, and their kind. @param {TokenClaims} claims */
export function permissionsOf({ scp, roles, idtyp }) {
  const isDelegated = scp !== undefined && idtyp !== "app";
  const permissions = isDelegated ? scp.split(" ").filter(Boolean) : roles;
  return { kind: isDelegated ? "delegated" : "application", permissions };
}
