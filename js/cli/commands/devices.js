// devices: lists the Teams devices of the tenant.
import { EXIT, usageError } from "../failure.js";
import { textOf } from "../foreign.js";
import { paced } from "../pace.js";
import { requestOptions } from "../request-options.js";
import { safeText } from "../safe-text.js";
import { serviceOf } from "../service.js";
import { printTable } from "../table.js";
import { tokenSource } from "../token-source.js";

/** @import { RequestOptions, TeamworkDevice, TokenSource } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { TokenOptions } from "../token-source.js" */

/** @typedef {{ type?: string[], health?: string[] }} Selection */

/** @type {[string, (device: TeamworkDevice) => string | null | undefined][]} */
const COLUMNS = [
  ["id", ({ id }) => id],
  ["type", ({ deviceType }) => deviceType],
  ["health", ({ healthStatus }) => healthStatus],
  ["activity", ({ activityState }) => activityState],
  ["user", ({ currentUser }) => currentUser?.displayName],
  ["model", ({ hardwareDetail }) => [hardwareDetail?.manufacturer, hardwareDetail?.model].map(textOf).filter(Boolean).join(" ")],
  ["notes", ({ notes }) => notes],
];

/** @param {Context} context @param {RequestOptions & Selection & TokenOptions} options */
export async function devices(context, options) {
  const { output, api, interruption } = context;
  const source = await tokenSource(context, options, serviceOf(options));
  /** @type {TeamworkDevice[]} */
  const all = [];
  /** @type {TeamworkDevice[]} */
  const found = [];
  for await (const device of api.listDevices(source, { ...requestOptions(options), signal: interruption.signal })) {
    all.push(device);
    if (!isSelected(device, options)) continue;
    found.push(device);
    if (output.json) output.record(device);
  }
  if (!output.json) printTable(output, COLUMNS, found);
  // An empty list is no failure: perhaps no device is offline.
  if (found.length === 0) output.note(`${noneOf(all)}\n${whatThereIs(all, options)}`);
  return EXIT.allSuccessful;
}

/**
 * The ids of the devices that `--all`, `--type` and `--health` select. The whole list is read before anything is started, within the rate
 * of the fleet.
 *
 * @param {Context} context @param {TokenSource} source @param {RequestOptions & Selection & { maxRequestsPerSecond?: number }} options
 */
export async function selectedDevices({ api, interruption: { signal } }, source, options) {
  const { fetch, turn } = paced(options.maxRequestsPerSecond, signal);
  const all = [];
  for await (const device of api.listDevices(source, { ...requestOptions(options), signal, fetch })) {
    all.push(device);
    await turn();
  }
  const ids = all.flatMap((device) => (textOf(device.id) && isSelected(device, options) ? [textOf(device.id)] : []));
  if (ids.length === 0) throw usageError(noneOf(all), whatThereIs(all, options));
  return ids;
}

/** @param {TeamworkDevice[]} all */
const noneOf = (all) => `None of the ${all.length} devices is selected`;

/** @param {TeamworkDevice[]} all @param {Selection} options */
function whatThereIs(all, { type, health }) {
  const values = (/** @type {"deviceType" | "healthStatus"} */ member) =>
    [...new Set(all.map((device) => wordOf(device[member])))].join(", ");
  const lists = [type && `Types: ${values("deviceType")}.`, health && `Health: ${values("healthStatus")}.`].filter(Boolean);
  return all.length > 0 ? safeText(lists.join(" ")) : "The tenant has no Teams devices, or the token is of another tenant.";
}

/** @param {TeamworkDevice} device @param {Selection} options */
function isSelected({ deviceType, healthStatus }, { type, health }) {
  const matches = (/** @type {unknown} */ value, /** @type {string[] | undefined} */ wanted) =>
    !wanted || wanted.includes(wordOf(value).toLowerCase());
  return matches(deviceType, type) && matches(healthStatus, health);
}

/** @param {unknown} value of a device */
const wordOf = (value) => textOf(value) || "unknown";
