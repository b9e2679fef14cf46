// The tenants of the simulated Graph: lists them, and chooses one.

/** @typedef {{ name: string, title: string, about: string }} Scenario */
/** @typedef {{ scenario: string, scenarios: Scenario[] }} Tenant */

const TENANT = "/simulator/tenant";

/** @returns {Promise<Tenant | undefined>} */
export async function tenant() {
  const response = await fetch(TENANT);
  return response.ok ? response.json() : undefined;
}

/**
 * Chooses another tenant. The simulated Graph forgets its operations.
 *
 * @param {string} scenario
 */
export async function takeTenant(scenario) {
  const response = await fetch(`${TENANT}?${new URLSearchParams({ scenario })}`, { method: "POST" });
  if (!response.ok) throw new Error(`The simulator has no scenario ${scenario}.`);
}
