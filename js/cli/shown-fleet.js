// Shows a fleet until it has ended, writes the report, and says how to go on.
import { EXIT, Interrupted } from "./failure.js";
import { exitCodeOf, summaryOf } from "./outcome.js";
import { createProgress } from "./progress.js";
import { writeReport } from "./report.js";

/** @import { DeviceResult, FleetProgressEvent } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "./context.js" */

/** The outcomes after which a run may go on, or a device was not started. */
const OPEN = ["aborted", "notStarted", "stillRunning"];

/**
 * @typedef {object} OpenRuns what is not known to have ended
 * @property {string[]} locations of the runs that continue
 * @property {string[]} lost the ids of devices whose runs have no known location, if there are any
 *
 * @typedef {object} ShownFleet
 * @property {string} one what is counted in the summary
 * @property {string} stopping what an early end means
 * @property {string} [report] the file of the report
 * @property {(open: OpenRuns, hasFailed: boolean) => string} howToGoOn after an early end, or after a failure
 * @property {(onEvent: (event: FleetProgressEvent) => void) => AsyncIterable<DeviceResult>} start
 */

/** @param {Context} context @param {ShownFleet} fleet @returns {Promise<number>} the exit code */
export async function showFleet(context, fleet) {
  const { output, interruption, stderr } = context;
  const progress = createProgress(output, stderr);
  const runs = openRuns();
  let said = "";
  const sayHowToGoOn = (hasFailed = false) => {
    const text = fleet.howToGoOn(runs.open(), hasFailed);
    if (text !== "" && text !== said) output.note(text);
    said = text;
  };
  const silence = interruption.announce({
    first(why) {
      const again = why.exitCode === EXIT.interrupted ? " Press Ctrl-C again to end at once." : "";
      output.note(`${why.message}: ${fleet.stopping}.${again}`);
      sayHowToGoOn();
      progress.onStopping();
    },
    second() {
      progress.close();
      sayHowToGoOn();
    },
  });
  const { results, failure } = await ended(fleet, progress, runs);
  silence();
  progress.close();
  const isFailure = failure !== undefined && !(failure instanceof Interrupted);
  const reportFailure = await writeReport(fleet.report, results).catch((error) => error);
  if (!isFailure) for (const line of summaryOf(results, fleet.one)) output.line(line);
  if (fleet.report !== undefined && !reportFailure) output.note(`The report is in ${fleet.report}`);
  if (failure !== undefined || results.some(({ outcome }) => OPEN.includes(outcome))) sayHowToGoOn(isFailure);
  if (isFailure || reportFailure) throw isFailure ? failure : reportFailure;
  return failure instanceof Interrupted ? failure.exitCode : exitCodeOf(results);
}

/**
 * Reads the results as they come. Resolves to them, and to why the fleet failed, if it did.
 *
 * @param {ShownFleet} fleet @param {ReturnType<typeof createProgress>} progress @param {ReturnType<typeof openRuns>} runs
 * @returns {Promise<{ results: DeviceResult[], failure?: unknown }>}
 */
async function ended(fleet, progress, runs) {
  /** @type {DeviceResult[]} */
  const results = [];
  const onEvent = (/** @type {FleetProgressEvent} */ event) => {
    runs.onEvent(event);
    progress.onEvent(event);
  };
  try {
    for await (const result of fleet.start(onEvent)) {
      results.push(result);
      runs.onResult(result);
      progress.onResult(result);
    }
    return { results };
  } catch (failure) {
    return { results, failure };
  }
}

/** The runs that have begun and are not known to have ended: nothing else leads to them after an early end. */
function openRuns() {
  /** @type {Map<string, string>} the location by device */
  const open = new Map();
  /** @type {string[]} */
  const lost = [];
  return {
    /** @param {FleetProgressEvent} event */
    onEvent(event) {
      if ("location" in event && event.location) open.set(event.deviceId, event.location);
    },
    /** @param {DeviceResult} result */
    onResult({ deviceId, outcome, location }) {
      if (OPEN.includes(outcome) && location) open.set(deviceId, location);
      else open.delete(deviceId);
      if (outcome === "lost") lost.push(deviceId);
    },
    /** @returns {OpenRuns} */
    open: () => ({ locations: [...open.values()], lost }),
  };
}
