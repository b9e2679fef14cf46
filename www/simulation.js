// The tenants of the simulated Graph: lists them, and chooses one.

/** @typedef {{ name: string, title: string, about: string }} Tenant */
/** @typedef {{ tenant: string, tenants: Tenant[] }} Tenants */

const TENANT = "/simulator/tenant";

/** @returns {Promise<Tenants | undefined>} */
export async function tenants() {
  const response = await fetch(TENANT);
  return response.ok ? response.json() : undefined;
}

/**
 * Chooses another tenant. The simulated Graph forgets its operations.
 *
 * @param {string} tenant
 */
export async function enterTenant(tenant) {
  const response = await fetch(`${TENANT}?${new URLSearchParams({ tenant })}`, { method: "POST" });
  if (!response.ok) throw new Error(`The simulator has no tenant ${tenant}.`);
}
