// Access to the server. Requests under a foreign host name are refused, because the name may have been made to point here (DNS rebinding).
// The control routes also refuse every page but the server's own, because recorded requests contain tokens.
import { isIPv4 } from "node:net";

/** @import { IncomingMessage } from "node:http" */

/** The two spellings of the loopback address of IPv6, without the brackets. */
const LOOPBACK_IN_IPV6 = ["::1", "0:0:0:0:0:0:0:1"];

/**
 * Why a request is refused: every host that it names must be a loopback name.
 *
 * @param {IncomingMessage} request @param {string} [authority] of a target in absolute form
 * @returns {{ status: number, text: string } | undefined}
 */
export function refusalOfHost({ headersDistinct }, authority) {
  const hosts = headersDistinct.host ?? [];
  if (hosts.length !== 1 || hosts[0] === "") return { status: 400, text: "A request needs one Host field, with the name of this server." };
  const foreign = [...hosts, authority ?? hosts[0]].find((host) => !portOfLoopback(host));
  if (foreign === undefined) return undefined;
  const text = `The simulated Graph accepts only loopback names, such as localhost or 127.0.0.1. It does not accept '${foreign}'.`;
  return { status: 421, text };
}

/**
 * Why a request to a control route is refused: no page may send it, but one that this server served.
 *
 * @param {IncomingMessage} request
 * @returns {string | undefined}
 */
export function refusalOfOrigin({ headersDistinct }) {
  const { origin: origins = [], host: [host] = [""] } = headersDistinct;
  const foreign = origins.find((origin) => !isOwnOrigin(origin, host));
  if (foreign === undefined) return undefined;
  return `The routes under /simulator accept only the page that this server serves, not a page of '${foreign}'.`;
}

/** Loopback names are different origins, but with the same port they lead to the same server. @param {string} origin @param {string} host */
function isOwnOrigin(origin, host) {
  const [, authority] = /^http:\/\/(.*)$/.exec(origin) ?? [];
  return authority !== undefined && portOfLoopback(authority) === portOfLoopback(host);
}

/**
 * The port of `localhost`, 127.0.0.0/8 or `[::1]`; undefined for every other host. Names under `localhost` are excluded, because some
 * resolvers look them up in DNS.
 *
 * @param {string} authority
 */
function portOfLoopback(authority) {
  const [, name, v6, port = "80"] = /^(\[([\da-f:]+)\]|[^[\]:]+)(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  if (name === undefined || Number(port) > 65_535) return undefined;
  const isLoopback =
    name.toLowerCase() === "localhost" || (name.startsWith("127.") && isIPv4(name)) || (v6 && LOOPBACK_IN_IPV6.includes(v6));
  return isLoopback ? Number(port) : undefined;
}
