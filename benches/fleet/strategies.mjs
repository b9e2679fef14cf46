// Three ways to run diagnostics on all devices of a tenant.
import pMap from "p-map";
import { runDiagnosticsOnDevices } from "../../pkg/dist/fleet.js";
import { runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

/** @typedef {{ fetch: typeof globalThis.fetch, ids: string[] }} Tenant */

/** @param {string} deviceId @param {typeof globalThis.fetch} fetch */
async function one(deviceId, fetch) {
  try {
    const location = await runDiagnostics("token", deviceId, { fetch });
    await waitForOperation(location, { fetch });
    return "successful";
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code;
  }
}

/** Each resolves to the outcomes. @type {Record<string, (tenant: Tenant) => Promise<string[]>>} */
export const STRATEGIES = {
  async "one after the other"({ fetch, ids }) {
    const outcomes = [];
    for (const id of ids) outcomes.push(await one(id, fetch));
    return outcomes;
  },
  "p-map, 20 at a time": ({ fetch, ids }) => pMap(ids, (id) => one(id, fetch), { concurrency: 20 }),
  async "p-map, all at once"({ fetch, ids }) {
    return pMap(ids, (id) => one(id, fetch));
  },
  async runDiagnosticsOnDevices({ fetch, ids }) {
    const outcomes = [];
    for await (const { outcome, error } of runDiagnosticsOnDevices("token", ids, { fetch })) outcomes.push(error?.code ?? outcome);
    return outcomes;
  },
};
