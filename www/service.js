// Which Graph is talked to: a Microsoft cloud, or the simulator when it serves this page.

/** @import { Cloud, RequestOptions } from "./teams-device-diagnostics.js" */

/**
 * @typedef {object} Service
 * @property {string} id
 * @property {string} title
 * @property {Cloud} [cloud]
 * @property {string} [baseUrl] of the simulated Graph
 * @property {string} root of Graph, for scopes
 * @property {string} [login] the host that signs people in
 */

/** @type {Service[]} */
export const CLOUDS = [
  { id: "global", cloud: "global", title: "Global", root: "https://graph.microsoft.com", login: "login.microsoftonline.com" },
  { id: "usGovL4", cloud: "usGovL4", title: "US Government L4", root: "https://graph.microsoft.us", login: "login.microsoftonline.us" },
  {
    id: "usGovL5",
    cloud: "usGovL5",
    title: "US Government L5 (DoD)",
    root: "https://dod-graph.microsoft.us",
    login: "login.microsoftonline.us",
  },
  {
    id: "china",
    cloud: "china",
    title: "China (21Vianet)",
    root: "https://microsoftgraph.chinacloudapi.cn",
    login: "login.partner.microsoftonline.cn",
  },
];

/**
 * The services to choose from. Simulated comes first when there is a simulated Graph; on a plain web server there is none, and
 * nobody should be offered it.
 *
 * @returns {Promise<Service[]>}
 */
export async function services() {
  const baseUrl = await simulatedBaseUrl();
  if (baseUrl === undefined) return CLOUDS;
  return [{ id: "simulated", title: "Simulated", baseUrl, root: new URL(baseUrl).origin }, ...CLOUDS];
}

/** @param {Service} service */
export const isSimulated = ({ baseUrl }) => baseUrl !== undefined;

/**
 * The options that send a call there.
 *
 * @param {Service} service
 * @returns {Pick<RequestOptions, "cloud" | "baseUrl">}
 */
export const address = ({ cloud, baseUrl }) => (baseUrl === undefined ? { cloud } : { baseUrl });

/**
 * The simulator names its service root in a header of its documents. The page's own URL is asked, because it exists on every
 * server: asking for a route of Graph would leave a 404 in the console of all others.
 */
async function simulatedBaseUrl() {
  try {
    const response = await fetch(document.URL, { method: "HEAD", cache: "no-store" });
    await response.text(); // A response that is not read to its end counts as a failed request in the browser's tools.
    const root = response.headers.get("X-Simulated-Graph");
    return root === null ? undefined : new URL(root, location.origin).href;
  } catch {
    return undefined;
  }
}
