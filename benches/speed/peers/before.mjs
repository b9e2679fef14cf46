// Another version of this package: BENCH_BEFORE names its built index.js.
import { pathToFileURL } from "node:url";

const { runDiagnostics, waitForOperation } = await import(pathToFileURL(process.env.BENCH_BEFORE ?? "").href);

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  return async (device) => waitForOperation(await runDiagnostics(token, device, { baseUrl }), { pollInterval });
}
