// The service that the options name: its root, its scope for tokens, and where its tokens come from.
/** @import { Cloud } from "teams-device-diagnostics/fleet" */

/**
 * Source: <https://learn.microsoft.com/graph/deployments>.
 *
 * @type {Record<Cloud, { graph: string, authority: string }>}
 */
const CLOUDS = {
  global: { graph: "https://graph.microsoft.com", authority: "https://login.microsoftonline.com" },
  usGovL4: { graph: "https://graph.microsoft.us", authority: "https://login.microsoftonline.us" },
  usGovL5: { graph: "https://dod-graph.microsoft.us", authority: "https://login.microsoftonline.us" },
  china: { graph: "https://microsoftgraph.chinacloudapi.cn", authority: "https://login.chinacloudapi.cn" },
};

export const CLOUD_NAMES = Object.keys(CLOUDS);

/** @typedef {{ cloud?: Cloud, baseUrl?: string }} ServiceOptions */

/** @param {ServiceOptions} options */
export function serviceOf({ cloud = "global", baseUrl }) {
  const root = baseUrl ?? `${CLOUDS[cloud].graph}/beta`;
  const { origin } = new URL(root);
  return { root: root.replace(/\/+$/, ""), origin, scopes: [`${origin}/.default`], authority: CLOUDS[cloud].authority };
}

/** @typedef {ReturnType<typeof serviceOf>} Service */

/** Whether an origin is that of one of Microsoft's clouds. @param {string} origin */
export const isMicrosoft = (origin) => Object.values(CLOUDS).some(({ graph }) => graph === origin);
