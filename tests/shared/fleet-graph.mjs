// A simulated Graph for fleets that is a replacement of `fetch`: each run takes a few polls.
import { asFetch } from "./fetch.mjs";

const ROOT = "https://graph.microsoft.com/beta/teamwork/devices";

/**
 * @param {{ polls?: number, respond?: (request: { method: string, device: string, token: string, count: number }) => Response | undefined | void }} [behaviour]
 *   `polls` until a run has succeeded; `respond` returns a response that replaces that of the service
 */
export function fleetGraph({ polls = 1, respond = () => undefined } = {}) {
  /** The requests so far. @type {{ method: string, device: string, token: string, at: number }[]} */
  const sent = [];
  /** How often each run was started and polled. @type {Map<string, { started: number, polled: number }>} */
  const runs = new Map();
  const fetch = asFetch(async (url, { method, headers }) => {
    const [, device] = url.slice(ROOT.length).split("/").map(decodeURIComponent);
    const request = { method, device, token: headers.authorization.slice("Bearer ".length), at: performance.now() };
    sent.push(request);
    const replaced = respond({ ...request, count: sent.length });
    if (replaced) return replaced;
    const run = runs.get(device) ?? { started: 0, polled: 0 };
    runs.set(device, run);
    if (method === "POST") {
      run.started++;
      return new Response(null, { status: 202, headers: { location: `/teamwork/devices/${encodeURIComponent(device)}/operations/1` } });
    }
    if (url.endsWith("/operations")) return Response.json({ value: [] });
    run.polled++;
    return Response.json({ id: "1", status: run.polled >= polls ? "Successful" : "InProgress" });
  });
  return { fetch, sent, runs };
}

/** All results of a fleet. @param {AsyncIterable<import("../../pkg/dist/fleet.js").DeviceResult>} fleet */
export async function all(fleet) {
  const results = [];
  for await (const result of fleet) results.push(result);
  return results;
}

/** So many ids. @param {number} count */
export const ids = (count) => Array.from({ length: count }, (_, number) => `room ${number}`);

/** Options that make a fleet fast. */
export const FAST = { maxRequestsPerSecond: 1_000, pollInterval: 5 };
