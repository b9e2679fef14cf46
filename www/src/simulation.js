// The simulated Graph, in the simulator that serves this page or in the page itself: its fetch, and its tenants.

import { downloaded } from "./download.js";
import { noTenant, simulatedPart } from "./messages.js";

/** @import { SimulatedGraph } from "./simulator.js" */
/** @import { Service } from "./service.js" */

/** @typedef {{ name: string, title: string, about: string }} Tenant */
/** @typedef {{ tenant: string, tenants: Tenant[] }} Tenants */

const TENANT = "/simulator/tenant";

/** @type {() => Promise<typeof import("./simulator.js")>} */
const download = downloaded("simulator.js", simulatedPart);

/** @type {Promise<SimulatedGraph> | undefined} */
let graph;

/** The simulated Graph in this page. */
async function inPage() {
  const { simulateGraph } = await download();
  graph ??= simulateGraph();
  return graph;
}

/** The fetch that answers for a service; that of the browser if undefined. @param {Service} service @returns {typeof globalThis.fetch | undefined} */
export function fetchOf({ isInPage }) {
  if (!isInPage) return undefined;
  return async (input, init) => {
    const graph = await inPage();
    return graph.fetch(input, init);
  };
}

/** @param {Service} service @returns {Promise<Tenants | undefined>} */
export async function tenants({ isInPage }) {
  if (isInPage) {
    const graph = await inPage();
    return { tenant: graph.tenant, tenants: graph.tenants() };
  }
  const response = await fetch(TENANT);
  return response.ok ? response.json() : undefined;
}

/**
 * Chooses another tenant. The simulated Graph forgets its operations.
 *
 * @param {Service} service
 * @param {string} tenant
 */
export async function enterTenant({ isInPage }, tenant) {
  if (isInPage) {
    const graph = await inPage();
    return graph.enterTenant(/** @type {any} */ (tenant));
  }
  const response = await fetch(`${TENANT}?${new URLSearchParams({ tenant })}`, { method: "POST" });
  if (!response.ok) throw new Error(noTenant(tenant));
}
