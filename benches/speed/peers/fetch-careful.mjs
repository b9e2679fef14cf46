// Hand-written fetch with what a careful author adds: a timeout for each request and for the whole wait, retries that respect
// Retry-After, a client-request-id, no redirects, and no token for another origin.
import { hasSucceeded, sleep, start } from "../job.mjs";

const REQUEST_MS = 30_000;
const OPERATION_MS = 3_600_000;
const RETRIES = 3;

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const { origin } = new URL(baseUrl);

  /** @param {string} method @param {string} url */
  async function send(method, url) {
    for (let attempt = 1; ; attempt++) {
      const headers = { authorization: `Bearer ${token}`, "client-request-id": crypto.randomUUID() };
      const response = await fetch(url, { method, headers, redirect: "manual", signal: AbortSignal.timeout(REQUEST_MS) });
      if (response.ok) return response;
      const text = await response.text();
      if (![429, 503].includes(response.status) || attempt > RETRIES) throw new Error(`${method} ${url}: ${response.status} ${text}`);
      await sleep((Number(response.headers.get("retry-after")) || 2 ** attempt) * 1_000);
    }
  }

  return async (device) => {
    const end = performance.now() + OPERATION_MS;
    const started = await send("POST", baseUrl + start(device));
    const location = new URL(baseUrl + started.headers.get("location"));
    if (location.origin !== origin) throw new Error(`The Location leads elsewhere: ${location}`);
    while (performance.now() < end) {
      const { value } = await (await send("GET", location.href)).json();
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
    throw new Error("The operation takes too long");
  };
}
