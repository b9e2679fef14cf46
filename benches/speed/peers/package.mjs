// This package.
import { runDiagnostics, waitForOperation } from "../../../pkg/dist/index.js";

/** @type {import("../peers.mjs").Client} */
export function client({ baseUrl, token, pollInterval }) {
  return async (device) => waitForOperation(await runDiagnostics(token, device, { baseUrl }), { pollInterval });
}
