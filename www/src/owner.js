// Names the account to which kept runs belong, by the ids of its tenant and of itself.

/** The account of a token that does not name it. */
const UNKNOWN = "";

/** @param {string} tenant @param {string} account */
export const ownerOf = (tenant, account) => `${tenant}/${account}`;

/**
 * The account of a pasted token. Clients need not understand tokens for Graph, so one that is no JWT belongs to an unknown account.
 *
 * @param {string | undefined} token
 */
export function ownerOfToken(token = "") {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { tid, oid, appid } = JSON.parse(atob(payload));
    return typeof tid === "string" ? ownerOf(tid, String(oid ?? appid ?? "")) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

/** The account that had access last, so that its history is there after a reload. */
const KEY = "teams-device-diagnostics/account/";

/** @param {string} graph @returns {string | undefined} */
export function ownerKept(graph) {
  try {
    return localStorage.getItem(KEY + graph) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} graph @param {string | undefined} owner nobody if undefined */
export function keepOwner(graph, owner) {
  try {
    if (owner === undefined) localStorage.removeItem(KEY + graph);
    else if (ownerKept(graph) !== owner) localStorage.setItem(KEY + graph, owner);
  } catch {
    // A browser that keeps nothing has no history either.
  }
}
