// run: starts diagnostics on devices and waits for all of them.
import { access, realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { checkedIds, idsFromCsv, unique } from "../device-ids.js";
import { EXIT, Interrupted, usageError } from "../failure.js";
import { openJournal } from "../journal.js";
import { commandLine } from "../next-command.js";
import { exitCodeOf, summaryOf } from "../outcome.js";
import { createProgress } from "../progress.js";
import { checkReportFile, writeReport } from "../report.js";
import { requestOptions } from "../request-options.js";
import { serviceOf } from "../service.js";
import { readText, reserveStandardInput } from "../text-file.js";
import { tokenSource } from "../token-source.js";
import { counted } from "../words.js";
import { selectedDevices } from "./devices.js";

/** @import { DeviceRecord, DeviceResult, FleetOptions } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { TokenOptions } from "../token-source.js" */

/**
 * @typedef {Omit<FleetOptions, "resume" | "onState" | "onProgress" | "signal"> & TokenOptions & Selection
 *   & { csv?: string, all?: boolean, state?: string, report?: string }} Options
 * @typedef {{ type?: string[], health?: string[] }} Selection
 */

const NO_DEVICE = "Pass ids, --csv FILE or --all. teams-device-diagnostics devices lists the devices.";

/** How many locations fit into a command that a person copies. */
const MOST_LOCATIONS = 20;

/** @param {Context} context @param {string[]} given ids @param {Options} options @returns {Promise<number>} the exit code */
export async function run(context, given, options) {
  const { signal } = context.interruption;
  await checkOptions(given, options);
  const service = serviceOf(options);
  const listed =
    options.csv === undefined
      ? checkedIds(unique(given), "run")
      : idsFromCsv(await readText(options.csv, { option: "--csv", signal }), options.csv);
  const journal = options.state === undefined ? undefined : await openJournal(options.state, service.root);
  try {
    const source = await tokenSource(context, options, service);
    const earlier = journal?.records ?? [];
    const records = earlier.filter((record) => !wasRefusedAccess(record));
    const chosen = options.all ? await selectedDevices(context, source, options) : listed;
    const deviceIds = unique([...earlier.map(({ deviceId }) => deviceId), ...chosen]);
    if (deviceIds.length === 0 && !options.all) throw usageError("No device is named", NO_DEVICE);
    tellOfResume(context, records, deviceIds, options);
    return await runFleet(context, options, (progress) =>
      context.api.runDiagnosticsOnDevices(source, deviceIds, {
        ...fleetOptions(options),
        signal,
        onProgress: progress.onEvent,
        ...(journal && { onState: journal.append, resume: records }),
      }),
    );
  } finally {
    await journal?.close();
  }
}

/** @param {string[]} given @param {Options} options */
async function checkOptions(given, { csv, all, type, health, tokenFile, state, report }) {
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
  if (tokenFile === "-") reserveStandardInput("--token-file");
  if (csv === "-") reserveStandardInput("--csv");
  await checkDifferent({ "--csv": csv, "--state": state, "--report": report });
  await checkReportFile(report);
}

/** Two options that name one file would destroy what one of them needs. @param {Record<string, string | undefined>} files */
async function checkDifferent(files) {
  /** @type {Map<string, string>} */
  const seen = new Map();
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined || file === "-") continue;
    const path = await realpath(file).catch(() => resolve(file));
    const other = seen.get(path);
    if (other !== undefined) throw usageError(`${other} and ${option} name the same file`, "Use two files.");
    seen.set(path, option);
  }
}

/**
 * Whether a device was not started because the token was refused. Nothing was started, so with another token it begins anew.
 *
 * @param {DeviceRecord} record
 */
const wasRefusedAccess = ({ outcome, error }) => outcome === "refused" && (error?.code === "unauthorized" || error?.code === "forbidden");

/** @param {Context} context @param {DeviceRecord[]} records @param {string[]} deviceIds @param {Options} options */
function tellOfResume({ output }, records, deviceIds, { state }) {
  if (records.length === 0) return;
  const ended = records.filter(({ state }) => state === "ended").length;
  if (ended < deviceIds.length) {
    output.note(
      `Resuming from ${state}: ${ended} ended, ${records.length - ended} under way, ${deviceIds.length - records.length} not started`,
    );
  } else {
    output.note(`All devices in ${state} have ended, so nothing is started. To run them again, use another file for --state.`);
  }
}

/** @param {Options} options */
const fleetOptions = (options) => ({
  ...requestOptions(options),
  concurrency: options.concurrency,
  maxRequestsPerSecond: options.maxRequestsPerSecond,
  onConflict: options.onConflict,
  patience: options.patience,
  pauseTimeout: options.pauseTimeout,
  pollInterval: options.pollInterval,
});

/**
 * Shows a fleet until it has ended, and writes the report, whatever happens.
 *
 * @param {Context} context @param {Options} options
 * @param {(progress: ReturnType<typeof createProgress>) => AsyncIterable<DeviceResult>} start
 */
async function runFleet(context, options, start) {
  const { output, interruption, stderr } = context;
  const progress = createProgress(output, stderr);
  /** @type {DeviceResult[]} */
  const results = [];
  interruption.set(announcements(context, progress, results, options));
  const failure = await consumed(start(progress), results, progress);
  progress.close();
  if (options.report !== undefined) await writeReport(options.report, results);
  const isInterrupted = failure instanceof Interrupted;
  if (failure !== undefined && !isInterrupted) throw failure;
  if (output.isClosed) return EXIT.interrupted;
  tellOfEnd(context, results, options, isInterrupted);
  return isInterrupted ? EXIT.interrupted : exitCodeOf(results);
}

/**
 * Reads the results as they come. Resolves to why the fleet failed, if it did.
 *
 * @param {AsyncIterable<DeviceResult>} fleet @param {DeviceResult[]} results @param {ReturnType<typeof createProgress>} progress
 * @returns {Promise<unknown>}
 */
async function consumed(fleet, results, progress) {
  try {
    for await (const result of fleet) {
      results.push(result);
      progress.onResult(result);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** @param {Context} context @param {ReturnType<typeof createProgress>} progress @param {DeviceResult[]} results @param {Options} options */
function announcements(context, progress, results, options) {
  return {
    first() {
      context.output.note("Stopping: nothing more is started, and runs continue on their devices. Press Ctrl-C again to end at once.");
      progress.onStopping();
    },
    second() {
      progress.close();
      context.output.note(howToGoOn(context, results, options));
    },
  };
}

/** @param {Context} context @param {DeviceResult[]} results @param {Options} options @param {boolean} isInterrupted */
function tellOfEnd(context, results, options, isInterrupted) {
  const { output } = context;
  for (const line of summaryOf(results, "device")) output.line(line);
  if (options.report !== undefined) output.note(`The report is in ${options.report}`);
  const isOpen = results.some(({ outcome }) => ["aborted", "notStarted", "stillRunning"].includes(outcome));
  if (isInterrupted || isOpen) output.note(howToGoOn(context, results, options));
}

/** @param {Context} context @param {DeviceResult[]} results @param {Options} options */
function howToGoOn({ args, env }, results, { state, cloud, baseUrl, csv }) {
  if (state !== undefined) {
    const input = csv === "-" ? ", with the same standard input" : "";
    return `To go on where this ended, run the same command again${input}:\n  ${commandLine(args, env)}`;
  }
  const locations = results.flatMap(({ outcome, location }) =>
    ["aborted", "stillRunning"].includes(outcome) && location ? [location] : [],
  );
  const next = "With --state FILE, the same command goes on where it ended.";
  if (locations.length === 0) return next;
  if (locations.length > MOST_LOCATIONS) return `${counted(locations.length, "run continues", "runs continue")}. ${next}`;
  const where = [...(cloud ? ["--cloud", cloud] : []), ...(baseUrl ? ["--base-url", baseUrl] : [])];
  return `To wait for the runs that continue:\n  ${commandLine(["wait", ...where, ...locations], env)}\n${next}`;
}
