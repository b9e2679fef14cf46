// The peers. Each file of peers/ exports `client({ baseUrl, token, pollInterval })`, which returns a function that does the job on a
// device and resolves to the operation.

/** `packages` are those whose versions are reported. @type {Record<string, { name: string, packages: string[] }>} */
export const PEERS = {
  package: { name: "this package", packages: [] },
  ...(process.env.BENCH_BEFORE && { before: { name: "this package, the version before", packages: [] } }),
  fetch: { name: "hand-written fetch", packages: [] },
  "fetch-careful": { name: "hand-written fetch, careful", packages: [] },
  ky: { name: "ky", packages: ["ky"] },
  "graph-client": { name: "microsoft-graph-client", packages: ["@microsoft/microsoft-graph-client"] },
  "core-lro": { name: "core-lro + core-rest-pipeline", packages: ["@azure/core-lro", "@azure/core-rest-pipeline"] },
  kiota: { name: "kiota's fetch adapter", packages: ["@microsoft/kiota-http-fetchlibrary"] },
};

/**
 * @typedef {object} Tenant
 * @property {string} baseUrl
 * @property {string} token
 * @property {number} pollInterval milliseconds
 *
 * Does the job on a device.
 *
 * @typedef {(device: string) => Promise<any>} Job
 *
 * @typedef {(tenant: Tenant) => Job} Client
 */

/** @param {string} peer @returns {Promise<{ client: Client }>} */
export const load = (peer) => import(`./peers/${peer}.mjs`);
