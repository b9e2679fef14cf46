// The tenant of the simulated Graph: which ones there are, and taking another.

/** @typedef {{ name: string, title: string, about: string }} Scenario */
/** @typedef {{ scenario: string, scenarios: Scenario[] }} Tenant */

const TENANT = "/simulator/tenant";

/** @returns {Promise<Tenant | undefined>} */
export async function tenant() {
  const response = await fetch(TENANT);
  return response.ok ? response.json() : undefined;
}

/**
 * Takes another tenant; the simulated Graph forgets its operations.
 *
 * @param {string} scenario
 */
export async function takeTenant(scenario) {
  const response = await fetch(`${TENANT}?${new URLSearchParams({ scenario })}`, { method: "POST" });
  if (!response.ok) throw new Error(`The simulator has no scenario ${scenario}.`);
}
