// Shows a fleet until it has ended, writes the report, and says how to go on.
import { EXIT, Interrupted } from "./failure.js";
import { exitCodeOf, isNoAccess, summaryOf } from "./outcome.js";
import { createProgress } from "./progress.js";
import { writeReport } from "./report.js";

/** @import { DeviceResult, FleetProgressEvent } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "./context.js" */

/** The outcomes after which a run may go on, or a device was not started. */
const OPEN = ["aborted", "notStarted", "stillRunning"];

/**
 * Whether the command may still do something for a device: follow its run, start it, or look for its run with a token that may.
 *
 * @param {DeviceResult} result
 */
const canGoOn = ({ outcome, error }) => OPEN.includes(outcome) || (outcome === "lost" && isNoAccess(error));

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
 * @property {(onEvent: (event: FleetProgressEvent) => void, noting: Noting) => AsyncIterable<DeviceResult>} start
 *
 * @typedef {<Value>(callback: (value: Value) => unknown) => (value: Value) => Promise<unknown>} Noting makes a callback of which each
 *   failure is noted here: after an abort, the fleet may tell it nobody
 */

/** How long a fleet may need to end after a defect, perhaps of itself. */
const MOST_AFTER_DEFECT_MS = 5_000;

/** @param {Context} context @param {ShownFleet} fleet @returns {Promise<number>} the exit code */
export async function showFleet(context, fleet) {
  const { output, interruption, stderr } = context;
  const progress = createProgress(output, stderr);
  const runs = openRuns();
  const problems = noteProblems(context);
  let said = "";
  const sayHowToGoOn = (hasFailed = problems.first !== undefined) => {
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
  /** @type {DeviceResult[]} */
  const results = [];
  const ended = readAll(fleet, { progress, runs, results, problems });
  const thrown = await Promise.race([ended, problems.tooLate]);
  silence();
  progress.close();
  const [failure] = problems.first ?? thrown ?? [];
  const isFailure = failure !== undefined && !(failure instanceof Interrupted);
  const reportFailure = await writeReport(fleet.report, results).catch((error) => error);
  if (!isFailure || results.length > 0) for (const line of summaryOf(results, fleet.one)) output.line(line);
  if (fleet.report !== undefined && !reportFailure) output.note(`The report is in ${fleet.report}`);
  if (failure !== undefined || results.some(canGoOn)) sayHowToGoOn(isFailure);
  problems.close();
  if (isFailure || reportFailure) throw isFailure ? failure : reportFailure;
  return failure instanceof Interrupted ? failure.exitCode : exitCodeOf(results);
}

/**
 * Reads the results as they come. Resolves to an array around why the fleet failed, if it did.
 *
 * @param {ShownFleet} fleet
 * @param {{ progress: ReturnType<typeof createProgress>, runs: ReturnType<typeof openRuns>, results: DeviceResult[], problems: Problems }} to
 * @returns {Promise<[unknown] | undefined>}
 */
async function readAll(fleet, { progress, runs, results, problems }) {
  const onEvent = (/** @type {FleetProgressEvent} */ event) => {
    runs.onEvent(event);
    progress.onEvent(event);
  };
  try {
    for await (const result of fleet.start(onEvent, problems.noting)) {
      results.push(result);
      runs.onResult(result);
      // What cannot be shown is a defect, but the other results are wanted all the same.
      problems.guard(() => progress.onResult(result));
    }
    return undefined;
  } catch (failure) {
    return [failure];
  }
}

/** @typedef {ReturnType<typeof noteProblems>} Problems */

/** Notes what fails beside the fleet: its callbacks, and what nothing has caught. A defect ends the fleet. @param {Context} context */
function noteProblems({ defects, interruption }) {
  /** @type {[unknown] | undefined} */
  let first;
  const noted = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  let limit;
  let expire = () => {};
  const tooLate = new Promise((resolve) => (expire = () => resolve(undefined)));
  const note = (/** @type {unknown} */ error) => {
    noted.add(error);
    first ??= [error];
  };
  const onDefect = (/** @type {unknown} */ error) => {
    // The fleet may also report what a callback has failed with.
    if (noted.has(error)) return;
    note(error);
    interruption.stopSilently();
    limit ??= setTimeout(expire, MOST_AFTER_DEFECT_MS);
  };
  const release = defects.receive(onDefect);
  return {
    /** @type {Promise<undefined>} resolves when a defect keeps the fleet from its end */
    tooLate,
    /** The first problem, in an array. */
    get first() {
      return first;
    },
    /** @type {Noting} */
    noting: (callback) => async (value) => {
      try {
        return await callback(value);
      } catch (error) {
        note(error);
        throw error;
      }
    },
    /** Takes what a function throws as a defect. @param {() => void} act */
    guard(act) {
      try {
        act();
      } catch (error) {
        onDefect(error);
      }
    },
    close() {
      clearTimeout(limit);
      release();
    },
  };
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
