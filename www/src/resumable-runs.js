// The runs that the page waits for, stored so that a reload of the tab does not lose them. They contain no secrets.

/**
 * @typedef {object} ResumableRun
 * @property {string} location
 * @property {string} deviceId
 * @property {string} [deviceName]
 * @property {string} [cloud]
 * @property {string} [baseUrl] of the simulated Graph
 * @property {string} [startedAt] ISO 8601
 */

const KEY = "teams-device-diagnostics/unfinished";
const CLOUDS = ["global", "usGovL4", "usGovL5", "china"];

export const resumableRuns = {
  /** @param {ResumableRun} run */
  remember({ location, deviceId, deviceName, cloud, baseUrl, startedAt }) {
    store([...without(location), { location, deviceId, deviceName, cloud, baseUrl, startedAt }]);
  },

  /** @param {string} location */
  forget(location) {
    store(without(location));
  },

  /** The stored runs, oldest first. @returns {ResumableRun[]} */
  all() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isResumable) : [];
    } catch {
      return [];
    }
  },
};

/** @param {string} location */
const without = (location) => resumableRuns.all().filter((run) => run.location !== location);

/** Stores the runs. If the browser cannot, they are not resumed after a reload. @param {ResumableRun[]} runs */
function store(runs) {
  try {
    if (runs.length === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(runs));
  } catch {}
}

/** @param {any} run @returns {run is ResumableRun} */
function isResumable(run) {
  const texts = [run?.deviceName, run?.cloud, run?.baseUrl, run?.startedAt];
  return (
    typeof run?.location === "string" &&
    typeof run.deviceId === "string" &&
    texts.every((text) => text === undefined || typeof text === "string") &&
    isKnownService(run)
  );
}

/** Prevents that a token is sent to a URL that only the storage names. @param {ResumableRun} run */
function isKnownService({ cloud, baseUrl }) {
  if (baseUrl === undefined) return cloud === undefined || CLOUDS.includes(cloud);
  return cloud === undefined && URL.canParse(baseUrl) && new URL(baseUrl).origin === globalThis.location.origin;
}
