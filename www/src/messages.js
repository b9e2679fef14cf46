// The texts that the whole page shares, in English: how runs end, why requests fail, numbers and plurals. Those of its parts are in the other
// files whose names begin like this one. A translation replaces them.

/** @typedef {{ title: string, text: string }} CodeText */

/** In place of the runs. */
export const NO_RUNS = {
  missing: "The runs cannot be shown",
  again: "Try again",
  none: "Nothing has been run yet",
  how: "Choose one device or several, and press Run diagnostics. Each run is followed here until its logs are ready.",
};

/** How a run ended: a title for its heading, and a short one for the table. */
export const OUTCOMES = {
  succeeded: {
    title: "Diagnostics succeeded",
    short: "Succeeded",
    icon: "successful",
    tone: "good",
  },
  failed: {
    title: "Diagnostics failed",
    short: "Failed",
    icon: "failed",
    tone: "bad",
  },
  cancelled: {
    title: "Diagnostics were cancelled",
    short: "Cancelled",
    icon: "cancelled",
    tone: "warn",
  },
  notStarted: {
    title: "Diagnostics were not started",
    short: "Not started",
    icon: "failed",
    tone: "bad",
  },
  left: {
    title: "Diagnostics were not started",
    short: "Not started yet",
    icon: "stopped",
    tone: "warn",
  },
  takenBack: {
    title: "Diagnostics were taken back",
    short: "Taken back",
    icon: "stopped",
    tone: "quiet",
  },
  conflict: {
    title: "An operation is already queued",
    short: "Already queued",
    icon: "queued",
    tone: "warn",
  },
  lost: {
    title: "The run may be under way",
    short: "May be under way",
    icon: "unknown",
    tone: "warn",
  },
  gone: {
    title: "Graph no longer knows the run",
    short: "No longer known",
    icon: "unknown",
    tone: "warn",
  },
  stillQueued: {
    title: "Still queued – the device has not come back",
    short: "Still queued",
    icon: "queued",
    tone: "warn",
  },
  unfollowed: {
    title: "The run continues, but is not followed",
    short: "Not followed",
    icon: "notice",
    tone: "warn",
  },
  stopped: {
    title: "You stopped waiting",
    short: "Stopped waiting",
    icon: "stopped",
    tone: "quiet",
  },
  broken: {
    title: "This page does not work here",
    short: "Broken",
    icon: "failed",
    tone: "bad",
  },
};

/** Why a run was not started, cannot be followed, or is not known, by the code of the library. @type {Record<string, CodeText>} */
const CODES = {
  forbidden: {
    title: "No permission",
    text: "This account may not do that. It needs the permission TeamworkDevice.ReadWrite.All with an administrator's consent, a role such as Teams Administrator, and the tenant a licence for the device.",
  },
  unauthorized: { title: "The sign-in is not accepted", text: "Paste a new access token, or sign in again." },
  notFound: {
    title: "The device is not known",
    text: "Graph knows no such device, or has withdrawn this API for the tenant. Check the id, or list the devices again.",
  },
  throttled: { title: "Too many requests", text: "Graph asks to wait. Try again in some minutes." },
  serviceError: { title: "Graph has a problem", text: "Graph could not do it at the moment. Try again later." },
  network: { title: "No connection", text: "Graph did not respond. Check the network, and try again." },
  timeout: { title: "No response in time", text: "Graph took too long. Check the network, and try again." },
  operationTimeout: { title: "The time is up", text: "It took longer than an hour." },
  protocol: {
    title: "An answer nobody understands",
    text: "Graph's answer cannot be used. If that happens again, send the details to support.",
  },
  untrustedLocation: {
    title: "An answer that leads elsewhere",
    text: "Graph's answer names another server. Nothing was sent there. Something between this computer and Graph may change the answers.",
  },
  invalidArgument: { title: "The id is not valid", text: "This is no id of a device. Check it, and add it again." },
  internal: { title: "A defect of this page", text: "Reload the page. If that happens again, send the details to support." },
};

/** @param {string | undefined} code of a DiagnosticsError @returns {CodeText | undefined} */
export const codeText = (code) => (code !== undefined && Object.hasOwn(CODES, code) ? CODES[code] : undefined);

/** The Microsoft clouds. */
export const CLOUDS = {
  global: "Global",
  usGovL4: "US Government L4",
  usGovL5: "US Government L5 (DoD)",
  china: "China (21Vianet)",
};

export const simulated = "Simulated";
export const noTenant = (/** @type {string} */ tenant) => `The simulator has no tenant ${tenant}.`;

/** What the last run of a device has come to, while it runs. */
export const running = "Running";

// What the dialogs have in common.

export const close = "Close";
export const text = "Text";
export const copyThis = "Copy this text";
export const copied = "Copied.";

// What is downloaded only when it is needed.

export const runPart = "The part of this page that runs diagnostics";
export const simulatedPart = "The simulated Graph";
export const graphPart = "The part of this page that talks to Graph";
export const notDownloaded = (/** @type {string} */ what) => `${what} could not be downloaded. Check the connection, and try again.`;

const numbers = /* @__PURE__ */ new Intl.NumberFormat("en");
const plurals = /* @__PURE__ */ new Intl.PluralRules("en");

/** @param {number} number */
export const formatted = (number) => numbers.format(number);

/** The forms of a noun; a language may have more of them than English. @typedef {{ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>} Noun */

/** A number with its noun. @param {number} number @param {Noun} noun */
export const plural = (number, noun) => `${formatted(number)} ${noun[plurals.select(number)] ?? noun.other}`;

/** Whether a noun of that number is singular. @param {number} number */
export const isOne = (number) => plurals.select(number) === "one";

/** @param {number} number */
export const devices = (number) => plural(number, { one: "device", other: "devices" });

/** The devices that are not started. @param {number} number */
export const leftOut = (number) => `${devices(number)} left out: already running.`;
