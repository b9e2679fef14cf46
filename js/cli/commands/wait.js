// wait: waits for runs that were started earlier, by their locations.
import { usageError } from "../failure.js";
import { checkFiles } from "../file-options.js";
import { hintText } from "../hint.js";
import { absoluteLocation, deviceOf, looksLikeLocation } from "../locations.js";
import { commandLine } from "../next-command.js";
import { fleetOptions } from "../request-options.js";
import { looksLikeToken } from "../safe-text.js";
import { serviceOf } from "../service.js";
import { showFleet } from "../shown-fleet.js";
import { readText } from "../text-file.js";
import { tokenSource } from "../token-source.js";

/** @import { DeviceRecord, DeviceResult, FleetOptions, FleetProgressEvent } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { TokenOptions } from "../token-source.js" */

/** @typedef {Omit<FleetOptions, "resume" | "onState" | "onProgress" | "signal"> & TokenOptions & { report?: string }} Options */

const WHAT_IT_IS = "A location is what run prints, such as https://graph.microsoft.com/beta/teamwork/devices/…/operations/….";

/** @param {Context} context @param {string[]} given locations @param {Options} options @returns {Promise<number>} the exit code */
export async function wait(context, given, options) {
  const { api, args, env, interruption } = context;
  await checkFiles(options);
  const locations = await locationsOf(context, given, options);
  const source = await tokenSource(context, options, serviceOf(options));
  // The token is known only now.
  refuseTokens(locations);
  const input = given.includes("-") ? ", with the same standard input" : "";
  return showFleet(context, {
    one: "run",
    stopping: "the runs continue on their devices",
    report: options.report,
    howToGoOn: (_, hasFailed) => (hasFailed ? "" : `To go on waiting${input}:\n  ${commandLine(args, env)}`),
    start: (onEvent) =>
      ofDevices(
        api.runDiagnosticsOnDevices(source, [], {
          ...fleetOptions(options),
          signal: interruption.signal,
          resume: locations.map(recordOf),
          onProgress: (event) => onEvent("deviceId" in event ? ofDevice(event) : event),
        }),
      ),
  });
}

/**
 * The record of a run. A fleet has one record for each id, and a device may have several runs, so the location is the id.
 *
 * @param {string} location
 * @returns {DeviceRecord}
 */
const recordOf = (location) => ({
  version: 1,
  deviceId: location,
  state: "running",
  location,
  time: new Date().toISOString(),
  attempts: 0,
});

/** An event or a result with the id of its device, instead of the location. @template {{ deviceId: string }} Item @param {Item} item */
const ofDevice = (item) => ({ ...item, deviceId: deviceOf(item.deviceId) });

/** @param {AsyncIterable<DeviceResult>} fleet @returns {AsyncIterable<DeviceResult>} */
async function* ofDevices(fleet) {
  for await (const result of fleet) {
    const { deviceId } = ofDevice(result);
    if (result.error) Object.assign(result.error, { deviceId });
    yield { ...result, deviceId };
  }
}

/**
 * The absolute locations of the arguments, or of standard input, one a line; each once.
 *
 * @param {Context} context @param {string[]} given @param {Options} options
 */
async function locationsOf({ api, interruption }, given, options) {
  const input = { option: "wait -", what: "locations, one a line,", signal: interruption.signal };
  const read = given.includes("-") ? (await readText("-", input)).split(/\s+/) : [];
  const texts = [...given.filter((argument) => argument !== "-"), ...read].filter((text) => text !== "");
  if (texts.length === 0) throw usageError("No location is given", WHAT_IT_IS);
  refuseTokens(texts);
  /** @type {Set<string>} */
  const locations = new Set();
  for (const text of texts) {
    // What is too long may be or have a token, of which no part is shown.
    const what = text.length > (looksLikeLocation(text) ? 300 : 60) ? `a text of ${text.length} characters` : `"${text}"`;
    const refused = (/** @type {string} */ hint) => usageError(`wait: ${what} is no location of ${serviceOf(options).root}`, hint);
    if (!looksLikeLocation(text)) throw refused(WHAT_IT_IS);
    locations.add(
      await absoluteLocation(api, text, options).catch((error) => {
        throw refused(hintText(error.hint) ?? WHAT_IT_IS);
      }),
    );
  }
  return [...locations];
}

/** @param {string[]} texts */
function refuseTokens(texts) {
  if (texts.some(looksLikeToken)) throw usageError("An access token was given as a location", "Set GRAPH_TOKEN, or use --token-file.");
}
