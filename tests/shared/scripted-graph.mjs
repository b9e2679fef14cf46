// A Graph in memory, for tests that count what is left behind. Each device has a script of responses, which are real Response objects.
// After a device is forgotten, nothing of it is kept.
import { asFetch } from "./fetch.mjs";

/**
 * Makes the response to one request.
 *
 * @typedef {(device: string, signal: AbortSignal) => Response | Promise<Response>} Respond
 *
 * The responses to the requests of each kind in turn, and then the last one again.
 *
 * @typedef {{ start?: Respond[], polls?: Respond[], lists?: Respond[] }} Script
 *
 * @typedef {Record<string, string>} Headers
 */

const BASE = "https://graph.microsoft.com/beta/teamwork/devices/";

/** @param {string} device @param {string} status */
const operation = (device, status) => ({
  id: `operation-${device}`,
  operationType: "deviceDiagnostics",
  status,
  createdDateTime: new Date().toISOString(),
  error: status === "Failed" ? { code: "deviceOffline", message: "The device did not respond." } : null,
});
/** @param {unknown} body @param {number} [status] @param {Headers} [headers] */
const json = (body, status, headers) =>
  new Response(JSON.stringify(body), { status, headers: { "request-id": "r", date: new Date().toUTCString(), ...headers } });
/** @param {number} status @param {string} code @param {Headers} [headers] */
const refuse = (status, code, headers) => () => json({ error: { code, message: "As the script says." } }, status, headers);
/** @type {(status: string, headers?: Headers) => Respond} */
const polled = (status, headers) => (device) => json({ value: operation(device, status) }, 200, headers);
/** @type {(headers?: Headers) => Respond} */
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
/** @type {(status: string) => Respond} */
export const listed = (status) => (device) => json({ value: [operation(device, status)] });
export const emptyList = () => json({ value: [] });
/** @type {Respond} */
export const firstPage = (device) =>
  json({ value: [operation(`${device}-old`, "Successful")], "@odata.nextLink": `${BASE}${device}/operations?$skiptoken=1` });

/** A challenge that is sent only when the test says so. @type {Respond & { release: () => void }} */
export const slowChallenge = Object.assign(() => new Promise((resolve) => (slowChallenge.release = () => resolve(challenge()))), {
  release: () => {},
});

/** The connection breaks. @type {Respond} */
export const lost = () => {
  throw new TypeError("fetch failed");
};

/** No response comes: the request is pending until it is aborted. @type {Respond} */
export const silence = (_, signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** The header fields come, but the body never ends. @type {Respond} */
export const endlessBody = (_, signal) => {
  /** @param {ReadableStreamDefaultController} controller */
  const start = (controller) => signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
  const response = new Response(new ReadableStream({ start }));
  endless.add(response);
  return response;
};
const endless = new WeakSet();

export class ScriptedGraph {
  /** @type {Map<string, Required<Script>>} */
  #devices = new Map();
  /** The number of requests so far. */
  sent = 0;
  /** The open requests: not aborted, and without a complete response. @type {Set<object>} */
  open = new Set();

  /** @param {string} device @param {Script} script */
  expect(device, { start = [accepted], polls = [successful], lists = [] }) {
    this.#devices.set(device, { start: [...start], polls: [...polls], lists: [...lists] });
  }

  /** @param {string} device */
  forget(device) {
    this.#devices.delete(device);
  }

  forgetAll() {
    this.#devices.clear();
  }

  fetch = asFetch(async (url, { method, signal }) => {
    const [device, resource, id] = url.slice(BASE.length).split("?")[0].split("/");
    const script = this.#devices.get(device);
    if (script === undefined) throw new Error(`${method} ${url}: there is no script of ${device}`);
    const responses = method === "POST" ? script.start : id === undefined ? script.lists : script.polls;
    const respond = responses.length > 1 ? responses.shift() : responses[0];
    if (respond === undefined) throw new Error(`${method} ${resource} is not in the script of ${device}`);
    const request = { method, url };
    const end = () => this.open.delete(request);
    this.sent += 1;
    this.open.add(request);
    try {
      const response = await respond(device, signal);
      if (endless.has(response)) signal.addEventListener("abort", end, { once: true });
      else end();
      return response;
    } catch (error) {
      end();
      throw error;
    }
  });
}
