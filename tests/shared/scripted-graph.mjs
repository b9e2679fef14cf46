// A Graph in memory, for tests that count what is left behind. Each device has a script of responses, which are real Response objects.
// After a device is forgotten, nothing of it is kept.

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

/** The responses of scripts. */
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

/** A challenge that is sent only when the test says so. */
export const slowChallenge = Object.assign(() => new Promise((resolve) => (slowChallenge.release = () => resolve(challenge()))), {
  release: () => {},
});

/** The connection breaks. */
export const lost = () => {
  throw new TypeError("fetch failed");
};

/** No response comes: the request is pending until it is aborted. */
export const silence = (_, signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** The header fields come, but the body never ends. */
export const endlessBody = (_, signal) => {
  const start = (controller) => signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
  const response = new Response(new ReadableStream({ start }));
  endless.add(response);
  return response;
};
const endless = new WeakSet();

export class ScriptedGraph {
  #devices = new Map();
  /** The number of requests so far. */
  sent = 0;
  /** The open requests: not aborted, and without a complete response. */
  open = new Set();

  /**
   * @param {string} device
   * @param {{ start?: Function[], polls?: Function[], lists?: Function[] }} script the responses in turn, and then the last one again
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
