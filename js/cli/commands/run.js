// run: starts diagnostics on devices and waits for all of them.
import { access } from "node:fs/promises";
import { checkedIds, idsFromCsv, unique } from "../device-ids.js";
import { usageError } from "../failure.js";
import { checkFiles } from "../file-options.js";
import { openJournal } from "../journal.js";
import { absoluteLocation } from "../locations.js";
import { commandLine } from "../next-command.js";
import { isNoAccess } from "../outcome.js";
import { fleetOptions } from "../request-options.js";
import { safeText } from "../safe-text.js";
import { serviceOf } from "../service.js";
import { showFleet } from "../shown-fleet.js";
import { readText } from "../text-file.js";
import { tokenSource } from "../token-source.js";
import { selectedDevices } from "./devices.js";

/** @import { DeviceRecord, FleetOptions } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { OpenRuns } from "../shown-fleet.js" */
/** @import { TokenOptions } from "../token-source.js" */

/**
 * @typedef {Omit<FleetOptions, "resume" | "onState" | "onProgress" | "signal"> & TokenOptions & Selection
 *   & { csv?: string, all?: boolean, state?: string, report?: string }} Options
 * @typedef {{ type?: string[], health?: string[] }} Selection
 */

const NO_DEVICE = "Pass ids, --csv FILE or --all. teams-device-diagnostics devices lists the devices.";

const LIST_RUNS = "teams-device-diagnostics operations ID lists the runs of a device.";

/** How many locations fit into a command that a person copies, and how many ids into a line. */
const MOST_SHOWN = 20;

/** @param {Context} context @param {string[]} given ids @param {Options} options @returns {Promise<number>} the exit code */
export async function run(context, given, options) {
  const { signal } = context.interruption;
  await checkOptions(given, options);
  await checkFiles(options);
  const service = serviceOf(options);
  const listed =
    options.csv === undefined
      ? checkedIds(unique(given), "run")
      : idsFromCsv(await readText(options.csv, { option: "--csv", signal }), options.csv);
  const names = listed.length > 0 || options.all;
  // Before the state file is written: one of the ids may be the token, which is known only then.
  const early = names ? await tokenSource(context, options, service) : undefined;
  checkedIds(listed, options.csv === undefined ? "run" : `--csv ${options.csv}`);
  const journal = options.state === undefined ? undefined : await openState(context, options.state, options);
  try {
    const earlier = journal?.deviceIds ?? [];
    if (earlier.length === 0 && !names) throw usageError("No device is named", NO_DEVICE);
    const source = early ?? (await tokenSource(context, options, service));
    const chosen = options.all ? await selectedDevices(context, source, options) : listed;
    const deviceIds = unique([...earlier, ...chosen]);
    await journal?.expect(deviceIds);
    const records = (journal?.records ?? []).filter((record) => !wasRefusedAccess(record));
    if (earlier.length > 0) tellOfResume(context, records, deviceIds, options);
    return await showFleet(context, {
      one: "device",
      stopping: "nothing more is started, and runs continue on their devices",
      report: options.report,
      howToGoOn: (open, hasFailed) => howToGoOn(context, open, hasFailed || journal?.isIntact() === false, options),
      start: (onProgress, noting) =>
        context.api.runDiagnosticsOnDevices(source, deviceIds, {
          ...fleetOptions(options),
          signal,
          onProgress,
          ...(journal && { onState: noting(journal.append), resume: records }),
        }),
    });
  } finally {
    await journal?.close();
  }
}

/** @param {Context} context @param {string} state @param {Options} options */
const openState = ({ api }, state, options) =>
  openJournal(state, serviceOf(options).root, (location) => absoluteLocation(api, location, options));

/** @param {string[]} given @param {Options} options */
async function checkOptions(given, { csv, all, type, health, state }) {
  const ways = [given.length > 0 && "ids", csv !== undefined && "--csv", all && "--all"].filter(Boolean);
  if (ways.length > 1) throw usageError(`${ways.join(" and ")} exclude each other`, "Name the devices in one way.");
  if ((type || health) && !all) throw usageError(`${type ? "--type" : "--health"} needs --all`, "Add --all, or leave it out.");
  const hasState =
    state !== undefined &&
    (await access(state).then(
      () => true,
      () => false,
    ));
  if (ways.length === 0 && !hasState) throw usageError("No device is named", NO_DEVICE);
}

/**
 * Whether a device was not started because access was missing. Nothing was started, so with another token it begins anew. A device that
 * is lost for that reason must not: a run may have been started on it.
 *
 * @param {Pick<DeviceRecord, "outcome" | "error">} record
 */
export const wasRefusedAccess = ({ outcome, error }) => outcome === "refused" && isNoAccess(error);

/** @param {Context} context @param {DeviceRecord[]} records @param {string[]} deviceIds @param {Options} options */
function tellOfResume({ output }, records, deviceIds, { state }) {
  const ended = records.filter(({ state }) => state === "ended").length;
  if (ended < deviceIds.length) {
    output.note(
      `Resuming from ${state}: ${ended} ended, ${records.length - ended} under way, ${deviceIds.length - records.length} not started`,
    );
  } else {
    output.note(`All devices in ${state} have ended, so nothing is started. To run them again, use another file for --state.`);
  }
}

/**
 * What to do after an early end. Without a state file, or if that failed, the locations are all that leads to the runs that continue.
 *
 * @param {Context} context @param {OpenRuns} open @param {boolean} hasFailed @param {Options} options
 */
function howToGoOn({ args, env }, { locations, lost }, hasFailed, { state, cloud, baseUrl, csv }) {
  if (state !== undefined && !hasFailed) {
    const input = csv === "-" ? ", with the same standard input" : "";
    return `To go on where this ended, run the same command again${input}:\n  ${commandLine(args, env)}`;
  }
  const where = [...(cloud ? ["--cloud", cloud] : []), ...(baseUrl ? ["--base-url", baseUrl] : [])];
  const waiting = (/** @type {string[]} */ ...given) => commandLine(["wait", ...where, ...given], env);
  const few = [`To wait for the runs that continue:\n  ${waiting(...locations)}`];
  const many = [`To wait for the ${locations.length} runs that continue, pass these lines to the standard input of ${waiting("-")}:`];
  return [
    ...(locations.length > MOST_SHOWN ? [...many, ...locations.map(safeText)] : locations.length > 0 ? few : []),
    ...(lost.length > 0 ? [`Runs may have been started on these devices: ${shortList(lost)}. ${LIST_RUNS}`] : []),
    ...(hasFailed ? [] : ["With --state FILE, the same command goes on where it ended."]),
  ].join("\n");
}

/** @param {string[]} ids */
const shortList = (ids) =>
  [...ids.slice(0, MOST_SHOWN).map(safeText), ...(ids.length > MOST_SHOWN ? [`and ${ids.length - MOST_SHOWN} more`] : [])].join(", ");
