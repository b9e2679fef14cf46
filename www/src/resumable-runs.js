// The runs that have not ended, stored so that a reload of the tab does not lose them. They contain no secrets.

/** @import { DeviceRecord } from "./teams-device-diagnostics.js" */

/** What is kept of a run of which nothing was sent. @typedef {{ version: 1, deviceId: string, state: "waiting", time: string, location?: undefined }} WaitingRecord */

/**
 * @typedef {object} ResumableRun
 * @property {DeviceRecord | WaitingRecord} record the last one of the fleet
 * @property {string} [deviceName]
 * @property {string} [cloud]
 * @property {string} [baseUrl] of the simulated Graph
 */

/** Each run has a key of its own, because thousands of runs change one after the other. */
const PREFIX = "teams-device-diagnostics/unfinished/";
const CLOUDS = ["global", "usGovL4", "usGovL5", "china"];

export const resumableRuns = {
  /** @param {ResumableRun} run */
  remember({ record, deviceName, cloud, baseUrl }) {
    try {
      sessionStorage.setItem(keyOf(record.deviceId, cloud ?? baseUrl), JSON.stringify({ record, deviceName, cloud, baseUrl }));
    } catch {
      // If the browser cannot store it, it is not resumed after a reload.
    }
  },

  /** @param {string} deviceId @param {{ cloud?: string, baseUrl?: string }} service */
  forget(deviceId, { cloud, baseUrl }) {
    try {
      sessionStorage.removeItem(keyOf(deviceId, cloud ?? baseUrl));
    } catch {}
  },

  /** The stored runs, oldest first. @returns {ResumableRun[]} */
  all() {
    try {
      const keys = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
      const runs = keys.filter((key) => key.startsWith(PREFIX)).map((key) => parsed(sessionStorage.getItem(key) ?? ""));
      return runs.filter(isResumable).sort((a, b) => Date.parse(a.record.time) - Date.parse(b.record.time));
    } catch {
      return [];
    }
  },
};

/** @param {string} deviceId @param {string} [graph] */
const keyOf = (deviceId, graph) => `${PREFIX}${graph}/${deviceId}`;

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} run @returns {run is ResumableRun} */
function isResumable(run) {
  const texts = [run?.deviceName, run?.cloud, run?.baseUrl, run?.record?.location, run?.record?.startedAt];
  return isUnfinished(run?.record) && texts.every((text) => text === undefined || typeof text === "string") && isKnownService(run);
}

/** @param {any} record */
function isUnfinished(record) {
  if (record?.version !== 1 || typeof record.deviceId !== "string" || Number.isNaN(Date.parse(record.time))) return false;
  return ["waiting", "starting"].includes(record.state) || (record.state === "running" && typeof record.location === "string");
}

/** Prevents that a token is sent to a URL that only the storage names. @param {ResumableRun} run */
function isKnownService({ cloud, baseUrl }) {
  if (baseUrl === undefined) return cloud === undefined || CLOUDS.includes(cloud);
  return cloud === undefined && URL.canParse(baseUrl) && new URL(baseUrl).origin === globalThis.location.origin;
}
