// A simulated Graph in this process, as a replacement of `fetch`: runs of random length, and a quota whose refused requests count too.
import { unit } from "./random.mjs";

const LATENCY_MS = 50;
const SECOND = 1_000;

/**
 * @typedef {object} Tenant
 * @property {number} devices
 * @property {number} quota requests in a second
 * @property {(device: number) => boolean} isOffline whether a run of the device never ends
 */

/** Milliseconds: log-normal with a median of 90 s and σ 1.4, as in docs/polling.md, at most an hour. @param {number} device */
export function duration(device) {
  const normal = Math.sqrt(-2 * Math.log(1 - unit(device, 1))) * Math.cos(2 * Math.PI * unit(device, 2));
  return Math.min(90 * Math.exp(1.4 * normal), 3_500) * SECOND;
}

/** @param {Tenant} tenant */
export function simulatedGraph({ devices, quota, isOffline }) {
  /** @type {number[]} */
  let recent = [];
  /** When the run of each device was accepted. @type {Map<number, number>} */
  const accepted = new Map();
  const count = { sent: 0, refused: 0 };

  function isOverQuota() {
    const now = Date.now();
    recent = recent.filter((at) => now - at < SECOND);
    recent.push(now);
    return recent.length > quota;
  }

  /** @param {string} url @param {string} [method] */
  function respond(url, method) {
    count.sent++;
    if (isOverQuota()) {
      count.refused++;
      return new Response(null, { status: 429, headers: { "retry-after": "1" } });
    }
    const device = Number(/devices\/room-(\d+)/.exec(url)?.[1]);
    if (method === "POST") {
      if (accepted.has(device)) throw new Error(`room-${device} was started twice`);
      accepted.set(device, Date.now());
      return new Response(null, { status: 202, headers: { location: `/teamwork/devices/room-${device}/operations/1` } });
    }
    const took = Date.now() - /** @type {number} */ (accepted.get(device));
    const status = isOffline(device) ? "Queued" : took < duration(device) ? "InProgress" : "Successful";
    return Response.json({ id: "1", status });
  }

  /** @type {any} */
  const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ { method }) => {
    await sleep(LATENCY_MS);
    const response = respond(url, method);
    await sleep(LATENCY_MS);
    return response;
  };
  const ids = Array.from({ length: devices }, (_, device) => `room-${device}`);
  const longest = Math.max(...ids.map((_, device) => (isOffline(device) ? 3_600 * SECOND : duration(device))));
  return { fetch, count, ids, longest };
}

// The global function is looked up at each use, because the clock of the benchmark replaces it.
/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
