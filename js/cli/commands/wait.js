// wait: waits for runs that were started earlier, by their locations.
import { EXIT, Interrupted, usageError } from "../failure.js";
import { commandLine } from "../next-command.js";
import { exitCodeOf, summaryOf } from "../outcome.js";
import { createProgress } from "../progress.js";
import { checkReportFile, writeReport } from "../report.js";
import { looksLikeToken } from "../safe-text.js";
import { requestOptions } from "../request-options.js";
import { serviceOf } from "../service.js";
import { readText, reserveStandardInput } from "../text-file.js";
import { tokenSource } from "../token-source.js";

/** @import { DeviceOutcome, DeviceResult, TeamworkDeviceOperation, TokenSource, WaitOptions } from "teams-device-diagnostics/fleet" */
/** @import { Context } from "../context.js" */
/** @import { TokenOptions } from "../token-source.js" */

/** @typedef {WaitOptions & TokenOptions & { report?: string }} Options */
/** @typedef {ReturnType<typeof createProgress>} Progress */

/** The outcome that an error of a wait means. After every other error the end of the run is not known. */
/** @type {Partial<Record<string, DeviceOutcome>>} */
const OUTCOMES = { operationFailed: "failed", operationCancelled: "cancelled", notFound: "lost" };

/** @param {Context} context @param {string[]} given locations @param {Options} options */
export async function wait(context, given, options) {
  const { output, interruption, stderr, env, args } = context;
  if (options.tokenFile === "-") reserveStandardInput("--token-file");
  await checkReportFile(options.report);
  const locations = await locationsOf(given, interruption.signal);
  const source = await tokenSource(context, options, serviceOf(options));
  const progress = createProgress(output, stderr);
  const again = `To go on waiting:\n  ${commandLine(args, env)}`;
  interruption.set({
    first: () => output.note("Stopping: the runs continue on their devices. Press Ctrl-C again to end at once."),
    second: () => output.note(again),
  });
  const results = await waitForAll(context, locations, source, options, progress).finally(progress.close);
  if (options.report !== undefined) await writeReport(options.report, results);
  if (output.isClosed) return EXIT.interrupted;
  for (const line of summaryOf(results, "run")) output.line(line);
  if (!interruption.signal.aborted) return exitCodeOf(results);
  output.note(again);
  return EXIT.interrupted;
}

/** The locations of the arguments, or one a line from standard input. @param {string[]} given @param {AbortSignal} signal */
async function locationsOf(given, signal) {
  const read = given.includes("-") ? (await readText("-", { option: "wait -", what: "locations, one a line,", signal })).split(/\s+/) : [];
  const locations = [...new Set([...given.filter((argument) => argument !== "-"), ...read])].filter((location) => location !== "");
  if (locations.length === 0)
    throw usageError("No location is given", "A location is what run prints, such as https://graph.microsoft.com/beta/….");
  if (locations.some(looksLikeToken)) throw usageError("An access token was given as a location", "Set GRAPH_TOKEN, or use --token-file.");
  return locations;
}

/** @param {Context} context @param {string[]} locations @param {TokenSource} token @param {Options} options @param {Progress} progress */
async function waitForAll(context, locations, token, options, progress) {
  /** @type {DeviceResult[]} */
  const results = [];
  const tellCounts = () => progress.onEvent(countsOf(results, locations.length));
  tellCounts();
  await Promise.all(
    locations.map(async (location) => {
      const result = await waitForOne(context, location, token, options, progress);
      results.push(result);
      progress.onResult(result);
      tellCounts();
    }),
  );
  return results;
}

/**
 * @param {Context} context @param {string} location @param {TokenSource} token @param {Options} options @param {Progress} progress
 * @returns {Promise<DeviceResult>}
 */
async function waitForOne({ api, interruption }, location, token, options, progress) {
  const deviceId = deviceOf(location);
  let attempts = 0;
  const ended = (/** @type {Pick<DeviceResult, "outcome" | "error" | "operation">} */ how) => ({
    deviceId,
    ...how,
    location,
    endedAt: new Date().toISOString(),
    attempts,
  });
  try {
    const operation = await api.waitForOperation(location, {
      ...requestOptions(options),
      pollInterval: options.pollInterval,
      patience: options.patience,
      token,
      signal: interruption.signal,
      onProgress: (event) => {
        attempts += 1;
        if (event.type !== "abandoned") progress.onEvent({ ...event, deviceId });
      },
    });
    return ended({ outcome: "successful", operation });
  } catch (error) {
    if (error instanceof Interrupted) return ended({ outcome: "aborted" });
    if (!api.isDiagnosticsError(error) || error.code === "invalidArgument") throw error;
    return ended({ outcome: OUTCOMES[error.code] ?? "stillRunning", error, operation: error.operation });
  }
}

/** The device that a location names; the location itself if it names none. @param {string} location */
function deviceOf(location) {
  const found = /\/devices(?:\/|\(')([^/?#']+)/i.exec(location);
  if (!found) return location;
  try {
    return decodeURIComponent(found[1]);
  } catch {
    return found[1];
  }
}

/** @param {DeviceResult[]} results @param {number} total @returns {import("teams-device-diagnostics/fleet").FleetEvent} */
function countsOf(results, total) {
  const successful = results.filter(({ outcome }) => outcome === "successful").length;
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  const other = results.length - successful - failed;
  const requestsSent = results.reduce((sum, { attempts }) => sum + attempts, 0);
  return { type: "fleet", waiting: 0, starting: 0, running: total - results.length, successful, failed, other, requestsSent };
}
