// A Graph in memory, for whoever counts what is left behind: each device answers what its script says, in real Response objects.
// Nothing of a device is kept once it was forgotten.

const BASE = "https://graph.microsoft.com/beta/teamwork/devices/";

const operation = (device, status) => ({
  id: `operation-${device}`,
  operationType: "deviceDiagnostics",
  status,
  createdDateTime: new Date().toISOString(),
  error: status === "Failed" ? { code: "deviceOffline", message: "The device did not answer." } : null,
});
const json = (body, status, headers) =>
  new Response(JSON.stringify(body), { status, headers: { "request-id": "r", date: new Date().toUTCString(), ...headers } });
const refuse = (status, code, headers) => () => json({ error: { code, message: "As the script says." } }, status, headers);
const polled = (status, headers) => (device) => json({ value: operation(device, status) }, 200, headers);
const accept = (headers) => (device) =>
  new Response(null, { status: 202, headers: { location: `/teamwork/devices/${device}/operations/operation-${device}`, ...headers } });
const AT_ONCE = { "retry-after": "0" };
const LATER = { "retry-after": "20" };

/** What a script can hold: one answer each. */
export const accepted = accept();
export const acceptedPollLater = accept(LATER);
export const queued = polled("Queued");
export const running = polled("InProgress");
export const runningPollLater = polled("InProgress", LATER);
export const successful = polled("Successful");
export const failed = polled("Failed");
export const cancelled = polled("Cancelled");
export const throttled = refuse(429, "tooManyRequests", AT_ONCE);
export const throttledLonger = refuse(429, "tooManyRequests", LATER);
export const unavailable = refuse(503, "serviceNotAvailable");
export const conflict = refuse(409, "conflict");
export const conflictPollLater = refuse(409, "conflict", LATER);
export const notFound = refuse(404, "itemNotFound");
export const forbidden = refuse(403, "forbidden");
export const challenge = refuse(401, "InvalidAuthenticationToken", {
  "www-authenticate": `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{}}')}"`,
});
export const noJson = () => new Response("<html>");
export const listed = (status) => (device) => json({ value: [operation(device, status)] });
export const emptyList = () => json({ value: [] });
export const firstPage = (device) =>
  json({ value: [operation(`${device}-old`, "Successful")], "@odata.nextLink": `${BASE}${device}/operations?$skiptoken=1` });

/** A challenge that is not sent before the test says so. */
export const slowChallenge = Object.assign(() => new Promise((resolve) => (slowChallenge.release = () => resolve(challenge()))), {
  release: () => {},
});

/** The connection breaks. */
export const lost = () => {
  throw new TypeError("fetch failed");
};

/** No answer ever comes: the request is pending until it is aborted. */
export const silence = (_, signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** The head comes, the body never ends. */
export const endlessBody = (_, signal) => {
  const start = (controller) => signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
  const response = new Response(new ReadableStream({ start }));
  endless.add(response);
  return response;
};
const endless = new WeakSet();

export class ScriptedGraph {
  #devices = new Map();
  /** How many requests came. */
  sent = 0;
  /** The requests that have neither been answered, to the end of the body, nor been aborted. */
  open = new Set();

  /**
   * @param {string} device
   * @param {{ start?: Function[], polls?: Function[], lists?: Function[] }} script what is answered, in turn; the last one again
   */
  expect(device, { start = [accepted], polls = [successful], lists = [] }) {
    this.#devices.set(device, { start: [...start], polls: [...polls], lists: [...lists] });
  }

  forget(device) {
    this.#devices.delete(device);
  }

  forgetAll() {
    this.#devices.clear();
  }

  fetch = async (url, { method, signal }) => {
    const [device, resource, id] = url.slice(BASE.length).split("?")[0].split("/");
    const script = this.#devices.get(device);
    const answers = method === "POST" ? script.start : id === undefined ? script.lists : script.polls;
    if (answers.length === 0) throw new Error(`${method} ${resource} is not in the script of ${device}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const request = { method, url };
    const end = () => this.open.delete(request);
    this.sent += 1;
    this.open.add(request);
    try {
      const response = await answer(device, signal);
      if (endless.has(response)) signal.addEventListener("abort", end, { once: true });
      else end();
      return response;
    } catch (error) {
      end();
      throw error;
    }
  };
}
