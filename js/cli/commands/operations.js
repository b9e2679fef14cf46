// operations: lists the operations of a device.
import { checkedIds } from "../device-ids.js";
import { EXIT } from "../failure.js";
import { requestOptions } from "../request-options.js";
import { serviceOf } from "../service.js";
import { printTable } from "../table.js";
import { tokenSource } from "../token-source.js";

/** @import { IdentitySet, RequestOptions, TeamworkDeviceOperation } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { TokenOptions } from "../token-source.js" */

/** @type {[string, (operation: TeamworkDeviceOperation) => string | null | undefined][]} */
const COLUMNS = [
  ["id", ({ id }) => id],
  ["type", ({ operationType }) => operationType],
  ["status", ({ status, state }) => status ?? state],
  ["created", ({ createdDateTime }) => createdDateTime],
  ["by", ({ createdBy }) => nameOf(createdBy)],
  ["completed", ({ completedDateTime }) => completedDateTime],
  ["error", ({ error, state }) => (state === "failed" ? error?.message : undefined)],
];

/** @param {Context} context @param {string} deviceId @param {RequestOptions & TokenOptions} options */
export async function operations(context, deviceId, options) {
  const { output, api, interruption } = context;
  checkedIds([deviceId], "operations");
  const source = await tokenSource(context, options, serviceOf(options));
  // The token is known only now.
  checkedIds([deviceId], "operations");
  let count = 0;
  const found = [];
  for await (const operation of api.listOperations(source, deviceId, { ...requestOptions(options), signal: interruption.signal })) {
    count += 1;
    if (output.json) output.record(operation);
    else found.push(operation);
  }
  if (!output.json) printTable(output, COLUMNS, found);
  if (count === 0) output.note("The device has no operations");
  return EXIT.allSuccessful;
}

/** @param {IdentitySet | null | undefined} who */
const nameOf = (who) => who?.user?.displayName ?? who?.application?.displayName ?? who?.device?.displayName;
