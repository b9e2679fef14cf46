// ky, with its own timeouts and retries.
import ky from "ky";
import { hasSucceeded, sleep, start } from "../job.mjs";

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  const graph = ky.create({ prefixUrl: baseUrl, headers: { authorization: `Bearer ${token}` } });
  return async (device) => {
    const started = await graph.post(start(device).slice(1));
    if (started.status !== 202) throw new Error(`Not started: ${started.status}`);
    const location = started.headers.get("location")?.slice(1) ?? "";
    for (;;) {
      /** @type {{ value: import("../job.mjs").Operation }} */
      const { value } = await graph.get(location).json();
      if (hasSucceeded(value)) return value;
      await sleep(pollInterval);
    }
  };
}
