// What an access token says about itself. It is only shown: whether it is valid is decided by Graph alone.

/**
 * @typedef {object} TokenClaims the claims that matter here; any may be missing
 * @property {string} [aud] the service that it is for
 * @property {number} [exp] when it expires, in seconds since the Unix epoch
 * @property {number} [nbf] when it becomes valid
 * @property {string} [scp] delegated permissions, separated by spaces
 * @property {string[]} [roles] application permissions
 * @property {string} [appid] the application that requested it
 * @property {string} [idtyp] `app` or `user`
 * @property {string} [tid] the tenant
 */

/** The claims of a token, or undefined if it is not a JSON Web Token. @param {string} token @returns {TokenClaims | undefined} */
export function claimsOf(token) {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(parts[1], "base64url").toString("utf8"));
    return claims && typeof claims === "object" ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** The last second that a date can have. */
const LAST = 8.64e12;

/** The time until a token expires in milliseconds, negative if it has; undefined if it does not say that. @param {TokenClaims} claims */
export const timeLeftOf = ({ exp }) => (typeof exp === "number" && exp >= 0 && exp <= LAST ? exp * 1_000 - Date.now() : undefined);

/** The permissions of a token, and their kind. @param {TokenClaims} claims */
export function permissionsOf({ scp, roles, idtyp }) {
  const isDelegated = typeof scp === "string" && idtyp !== "app";
  const permissions = isDelegated ? scp.split(" ").filter(Boolean) : Array.isArray(roles) ? roles.map(String) : [];
  return { kind: isDelegated ? "delegated" : "application", permissions };
}
