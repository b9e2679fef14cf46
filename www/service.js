// @ts-check
// Which Graph a run talks to: a Microsoft cloud, or the simulator when it serves this page.

/** @import { Cloud, RequestOptions } from "./teams-device-diagnostics.js" */

/** What the values of simulated services begin with; the base URL follows. No cloud is called so. */
const SIMULATED = "simulated:";

/**
 * Puts the simulated Graph first into the list of clouds when there is one. On a plain web server there is none, and
 * nobody should be offered it.
 *
 * @param {HTMLSelectElement} select
 */
export async function offerSimulator(select) {
  const baseUrl = await simulatedBaseUrl();
  if (baseUrl === undefined) return;
  select.prepend(new Option("Simulated", SIMULATED + baseUrl));
  select.selectedIndex = 0;
  select.dispatchEvent(new Event("change"));
}

/**
 * The options that send a call to the chosen cloud.
 *
 * @param {string} choice
 * @returns {Pick<RequestOptions, "cloud" | "baseUrl">}
 */
export function service(choice) {
  return isSimulated(choice) ? { baseUrl: choice.slice(SIMULATED.length) } : { cloud: /** @type {Cloud} */ (choice) };
}

/** @param {string} choice */
export function isSimulated(choice) {
  return choice.startsWith(SIMULATED);
}

/**
 * The simulator names its service root in a header of every file. The page's own URL is asked, because it exists on every
 * server: asking for a route of Graph would leave a 404 in the console of all others.
 */
async function simulatedBaseUrl() {
  try {
    const response = await fetch(document.URL, { method: "HEAD", cache: "no-store" });
    await response.text(); // An answer that is not read to its end counts as a failed request in the browser's tools.
    const root = response.headers.get("X-Simulated-Graph");
    return root === null ? undefined : new URL(root, location.origin).href;
  } catch {
    return undefined;
  }
}
