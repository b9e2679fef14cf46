// The Graph services: the Microsoft clouds, and a simulated Graph: that of the simulator if it serves this page, otherwise one in the page.

import { CLOUDS as TITLES, simulated } from "./messages.js";

/** @import { Cloud, RequestOptions } from "./teams-device-diagnostics.js" */

/**
 * @typedef {object} Service
 * @property {string} id
 * @property {string} title
 * @property {Cloud} [cloud]
 * @property {string} [baseUrl] of the simulator
 * @property {boolean} [isInPage] whether it is simulated in this page
 * @property {string} root the root URL of Graph, for scopes
 * @property {string} [login] the host that signs people in
 */

/** @type {Service[]} */
export const CLOUDS = [
  { id: "global", cloud: "global", title: TITLES.global, root: "https://graph.microsoft.com", login: "login.microsoftonline.com" },
  { id: "usGovL4", cloud: "usGovL4", title: TITLES.usGovL4, root: "https://graph.microsoft.us", login: "login.microsoftonline.us" },
  {
    id: "usGovL5",
    cloud: "usGovL5",
    title: TITLES.usGovL5,
    root: "https://dod-graph.microsoft.us",
    login: "login.microsoftonline.us",
  },
  {
    id: "china",
    cloud: "china",
    title: TITLES.china,
    root: "https://microsoftgraph.chinacloudapi.cn",
    login: "login.partner.microsoftonline.cn",
  },
];

/** @type {Service} */
const IN_PAGE = { id: "in-page", isInPage: true, title: simulated, root: "https://graph.microsoft.com" };

/**
 * The services to choose from. The simulator comes first if it serves this page; with a plain web server, the page can simulate Graph.
 *
 * @returns {Promise<Service[]>}
 */
export async function services() {
  const baseUrl = await simulatedBaseUrl();
  if (baseUrl === undefined) return [...CLOUDS, IN_PAGE];
  return [{ id: "simulated", title: simulated, baseUrl, root: new URL(baseUrl).origin }, ...CLOUDS];
}

/** @param {Service} service */
export const isSimulated = ({ baseUrl, isInPage = false }) => isInPage || baseUrl !== undefined;

/**
 * The options that direct a call to a service.
 *
 * @param {Service} service
 * @returns {Pick<RequestOptions, "cloud" | "baseUrl">}
 */
export const address = ({ cloud, baseUrl }) => (baseUrl === undefined ? { cloud } : { baseUrl });

/** The name of a Graph in the history. @param {Service} service */
export const graphOf = ({ cloud, baseUrl }) => cloud ?? baseUrl ?? "";

/**
 * The simulator names its service root in a header of its documents. The page's own URL is requested, because it exists on every
 * server: with a route of Graph, other servers would cause a 404 in the console.
 */
async function simulatedBaseUrl() {
  try {
    const response = await fetch(document.URL, { method: "HEAD", cache: "no-store" });
    await response.text(); // The browser's tools show a response that is not read completely as a failed request.
    const root = response.headers.get("X-Simulated-Graph");
    return root === null ? undefined : new URL(root, location.origin).href;
  } catch {
    return undefined;
  }
}
