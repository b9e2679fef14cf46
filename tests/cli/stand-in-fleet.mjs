// Stands in for the package's entry `fleet`, over the calls for one device. With FLEET_SCRIPT, it plays a scripted fleet instead, so that
// a test decides what happens and when.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isDiagnosticsError, runDiagnostics, waitForOperation } from "../../pkg/dist/index.js";

export * from "../../pkg/dist/index.js";

/** @import { DeviceRecord, DeviceResult, FleetOptions, FleetProgressEvent, TokenSource } from "../../js/types/fleet.d.ts" */

/**
 * A step of a scripted fleet. Events and results are JSON, as in the file of the script.
 *
 * @typedef {{ afterMs?: number, event?: object, result?: object, state?: object, untilAborted?: boolean, hang?: boolean, defect?: string,
 *   unkept?: "silent" | "reported" }} Step `unkept`: what becomes of a `state` that is not kept, instead of the end of the fleet
 */

/**
 * @param {TokenSource} token @param {Iterable<string>} deviceIds @param {FleetOptions} [options]
 * @returns {AsyncIterableIterator<DeviceResult>}
 */
export function runDiagnosticsOnDevices(token, deviceIds, options = {}) {
  const script = process.env.FLEET_SCRIPT;
  return script ? scripted(JSON.parse(readFileSync(script, "utf8")), options) : fleet(token, [...deviceIds], options);
}

/** @param {Step[]} steps @param {FleetOptions} options @returns {AsyncIterableIterator<DeviceResult>} */
async function* scripted(steps, { onProgress, onState, signal }) {
  for (const { afterMs = 0, event, result, state, unkept, untilAborted, hang, defect } of steps) {
    if (defect) setTimeout(() => fail(defect));
    if (afterMs && !signal?.aborted) await delay(afterMs, undefined, { signal }).catch(() => {});
    if (untilAborted && !signal?.aborted) await new Promise((resolve) => signal?.addEventListener("abort", resolve));
    if (hang) await new Promise((resolve) => setTimeout(resolve, 60_000));
    try {
      if (state) await onState?.(/** @type {DeviceRecord} */ (state));
    } catch (error) {
      if (!unkept) throw error;
      if (unkept === "reported") Promise.reject(error);
    }
    if (event) onProgress?.(/** @type {FleetProgressEvent} */ (event));
    if (result) yield/** @type {DeviceResult} */ (result);
  }
  signal?.throwIfAborted();
}

/** @param {string} message @returns {never} */
function fail(message) {
  throw new TypeError(message);
}

/** @param {TokenSource} token @param {string[]} deviceIds @param {FleetOptions} options @returns {AsyncIterableIterator<DeviceResult>} */
async function* fleet(token, deviceIds, options) {
  /** @type {Map<string, DeviceRecord>} */
  const records = new Map();
  for await (const record of options.resume ?? []) records.set(record.deviceId, record);
  const waiting = [...new Set(deviceIds)];
  const counts = {
    type: /** @type {const} */ ("fleet"),
    waiting: waiting.length,
    starting: 0,
    running: 0,
    successful: 0,
    failed: 0,
    other: 0,
    requestsSent: 0,
  };
  /** @type {DeviceResult[]} */
  const results = [];
  /** @type {unknown} */
  let failure;
  const work = async () => {
    for (let deviceId = waiting.shift(); deviceId !== undefined; deviceId = waiting.shift()) {
      counts.waiting--;
      counts.running++;
      options.onProgress?.({ ...counts });
      const result = await runOne(token, deviceId, options, records.get(deviceId)).catch((error) => {
        failure = error;
        throw error;
      });
      counts.running--;
      counts[result.outcome === "successful" ? "successful" : result.outcome === "failed" ? "failed" : "other"]++;
      results.push(result);
      options.onProgress?.({ ...counts });
    }
  };
  const working = Promise.allSettled(Array.from({ length: Math.min(options.concurrency ?? 50, deviceIds.length) }, work));
  let isDone = false;
  working.then(() => (isDone = true));
  while (!isDone || results.length > 0) {
    const result = results.shift();
    if (result) yield result;
    else await delay(5);
  }
  if (failure) throw failure;
  options.signal?.throwIfAborted();
}

/** @param {TokenSource} token @param {string} deviceId @param {FleetOptions} options @param {DeviceRecord} [earlier] @returns {Promise<DeviceResult>} */
async function runOne(token, deviceId, options, earlier) {
  const { onState, onProgress, signal, onConflict, concurrency, resume, ...limits } = options;
  const time = () => new Date().toISOString();
  let attempts = earlier?.attempts ?? 0;
  const tell = (/** @type {any} */ event) => {
    attempts++;
    if (event.type !== "abandoned") onProgress?.({ ...event, deviceId });
  };
  if (earlier?.state === "ended") {
    const { outcome = "lost", location, startedAt, time: endedAt } = earlier;
    return { deviceId, outcome, location, startedAt, endedAt, attempts };
  }
  if (signal?.aborted) return { deviceId, outcome: "notStarted", endedAt: time(), attempts };
  let { location, startedAt } = earlier ?? {};
  try {
    if (location === undefined) {
      await onState?.({ version: 1, deviceId, state: "starting", time: time(), attempts });
      location = await runDiagnostics(token, deviceId, { ...limits, onConflict, onProgress: tell });
      startedAt = time();
      await onState?.({ version: 1, deviceId, state: "running", time: time(), location, startedAt, attempts });
    }
    const operation = await waitForOperation(location, { ...limits, token, signal, onProgress: tell });
    await onState?.({ version: 1, deviceId, state: "ended", outcome: "successful", time: time(), location, startedAt, attempts });
    return { deviceId, outcome: "successful", operation, location, startedAt, endedAt: time(), attempts };
  } catch (error) {
    if (signal?.aborted) return { deviceId, outcome: location ? "aborted" : "lost", location, startedAt, endedAt: time(), attempts };
    if (!isDiagnosticsError(error)) throw error;
    /** @type {Partial<Record<string, import("../../js/types/fleet.d.ts").DeviceOutcome>>} */
    const outcomes = { operationFailed: "failed", operationCancelled: "cancelled", conflict: "conflict" };
    const outcome = outcomes[error.code] ?? (location ? "stillRunning" : "refused");
    const { code, message } = error;
    await onState?.({
      version: 1,
      deviceId,
      state: "ended",
      outcome,
      error: { code, message },
      time: time(),
      location,
      startedAt,
      attempts,
    });
    return { deviceId, outcome, error, operation: error.operation, location, startedAt, endedAt: time(), attempts };
  }
}
