// Hand-written fetch with the minimum: no timeout, no retry, no check of the Location.
import { hasSucceeded, sleep, start } from "../job.mjs";

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const headers = { authorization: `Bearer ${token}` };
  return async (device) => {
    const started = await fetch(baseUrl + start(device), { method: "POST", headers });
    if (started.status !== 202) throw new Error(`Not started: ${started.status} ${await started.text()}`);
    const location = baseUrl + started.headers.get("location");
    for (;;) {
      const response = await fetch(location, { headers });
      if (!response.ok) throw new Error(`Not readable: ${response.status} ${await response.text()}`);
      const { value } = await response.json();
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
  };
}
