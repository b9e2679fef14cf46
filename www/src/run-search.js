// Finds the diagnostics that a start may have begun, in the list of its device's operations.

/** @import { TeamworkDeviceOperation } from "./teams-device-diagnostics.js" */

/** How far Graph's clock may be behind the time of the start. */
const CLOCKS_MS = 2 * 60_000;

/**
 * The newest diagnostics that were created since a time, or shortly before.
 *
 * @param {AsyncIterable<TeamworkDeviceOperation>} operations
 * @param {string} since ISO 8601
 */
export async function operationSince(operations, since) {
  const earliest = Date.parse(since) - CLOCKS_MS;
  /** @type {TeamworkDeviceOperation | undefined} */
  let newest;
  for await (const operation of operations) {
    if (operation.operationType !== "deviceDiagnostics" || typeof operation.id !== "string") continue;
    const created = createdAt(operation);
    if (created >= earliest && (newest === undefined || created > createdAt(newest))) newest = operation;
  }
  return newest;
}

/** @param {TeamworkDeviceOperation} operation */
const createdAt = ({ createdDateTime }) => Date.parse(createdDateTime ?? "");
