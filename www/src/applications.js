// The applications with which people sign in: that of the page's configuration file or address, and those of earlier sign-ins.

import { APPLICATION } from "./messages-access.js";
import { CLOUDS } from "./service.js";

/** @typedef {{ clientId: string, tenant: string }} Application */
/** @typedef {Application & { from: "file" | "address" | "earlier" }} KnownApplication */
/** By the id of the Graph. @typedef {Record<string, KnownApplication | undefined>} KnownApplications */

const KEY = "teams-device-diagnostics/applications";
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const DOMAIN = /^[a-z\d-]+(\.[a-z\d-]+)+$/i;
/** Whoever has an account of work or school. */
export const ANY_TENANT = "organizations";

/** What is wrong in an application: ids are part of addresses of the login host. @param {any} application @returns {keyof Application | undefined} */
export function wrongField({ clientId, tenant }) {
  if (!GUID.test(clientId)) return "clientId";
  return tenant === ANY_TENANT || GUID.test(tenant) || DOMAIN.test(tenant) ? undefined : "tenant";
}

/**
 * What is known when the page opens. The file wins, so that no link can replace what the operator of the page has configured.
 *
 * @returns {Promise<{ cloud?: string, applications: KnownApplications, problem: string }>}
 */
export async function knownApplications() {
  const applications = earlier();
  const parameters = new URLSearchParams(location.search);
  const address = given({
    clientId: parameters.get("client_id") ?? undefined,
    tenant: parameters.get("tenant") ?? undefined,
    cloud: parameters.get("cloud") ?? undefined,
  });
  const file = given(await configuration());
  const problem = (file === undefined && APPLICATION.wrongFile) || (address === undefined && APPLICATION.wrongAddress) || "";
  if (address?.application) applications[address.cloud] = { ...address.application, from: "address" };
  if (file?.application) applications[file.cloud] = { ...file.application, from: "file" };
  const first = [file, address].find((known) => known?.isChoice);
  return { cloud: first?.cloud, applications, problem };
}

/** Keeps the application of a sign-in that succeeded. @param {string} cloud @param {Application} application */
export function rememberApplication(cloud, { clientId, tenant }) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...earlier(), [cloud]: { clientId, tenant } }));
  } catch {
    // A browser that forbids storage asks again on the next visit.
  }
}

/** @returns {KnownApplications} */
function earlier() {
  /** @type {KnownApplications} */
  const found = {};
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    for (const { id } of CLOUDS) {
      if (!Object.hasOwn(kept, id) || wrongField(kept[id]) !== undefined) continue;
      found[id] = { clientId: kept[id].clientId, tenant: kept[id].tenant, from: "earlier" };
    }
  } catch {
    // No storage, or something else in it.
  }
  return found;
}

/** The content of the file beside the page; undefined if it cannot be used. A page without the file has no configuration. */
async function configuration() {
  try {
    const response = await fetch("./config.json", { cache: "no-cache" });
    const text = await response.text();
    return response.status === 404 ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a file or an address says; undefined if it cannot be used. @param {any} value */
function given(value) {
  if (typeof value !== "object" || value === null) return undefined;
  const { clientId, tenant = ANY_TENANT, cloud = "global" } = value;
  const isChoice = clientId !== undefined || value.cloud !== undefined;
  if (!CLOUDS.some(({ id }) => id === cloud)) return undefined;
  if (clientId === undefined) return value.tenant === undefined ? { cloud, isChoice } : undefined;
  const application = { clientId, tenant };
  return wrongField(application) === undefined ? { cloud, isChoice, application } : undefined;
}
