// A `fetch` that responds as the exchanges of a case say, and records the requests.
import { asFetch } from "../shared/fetch.mjs";
import { present } from "../shared/present.mjs";
import { isOffline, now } from "./clock.mjs";

// No case needs this many requests. A client that never stops gets no more responses.
const MOST_REQUESTS = 500;
/** @type {Outcome} */
const OFFLINE = { network_error: "ENETUNREACH" };
/** @type {Outcome} */
const EMPTY_LIST = { respond: { status: 200, body: { value: [] } } };

/**
 * What comes of a request.
 *
 * @typedef {object} Outcome
 * @property {{ status: number, headers?: Record<string, string | string[]>, body?: unknown }} [respond]
 * @property {string} [network_error] the code of the error
 * @property {boolean} [hang] whether there is no response
 *
 * An exchange of a case.
 *
 * @typedef {Outcome & Expected} Exchange
 *
 * @typedef {object} Expected
 * @property {string} on the method and the path
 * @property {"always"} [repeat]
 * @property {number} [until_ms] counted from the start
 *
 * @typedef {object} Request
 * @property {string} method
 * @property {string} url
 * @property {string} authorization
 * @property {string} redirect
 * @property {number} at
 * @property {number} [responded] when the response was complete
 */

/** @param {Pick<Request, "method" | "url">} request */
export const isList = ({ method, url }) => method === "GET" && url.endsWith("/operations");
/** @param {Pick<Request, "method" | "url">} request */
export const isPoll = (request) => request.method === "GET" && !isList(request);

/** @param {string} origin of the paths in the exchanges @param {Exchange[]} exchanges */
export function scripted(origin, exchanges) {
  const steps = exchanges.map((exchange) => ({ ...exchange, on: exchange.on.replace(" ", ` ${origin}`), isUsed: false }));
  const began = now();
  /** @param {typeof steps[number]} step */
  const isOpen = ({ isUsed, repeat, until_ms }) => (until_ms === undefined ? !isUsed || repeat === "always" : now() - began < until_ms);
  /** @type {Request[]} */
  const sent = [];
  /** @type {string[]} */
  const unexpected = [];
  const unused = () => steps.filter((step) => !step.isUsed).map(({ on }) => on);
  const script = { sent, unexpected, inFlight: 0, mostInFlight: 0, unused };

  const fetch = asFetch(async (url, { method, headers, redirect, signal }) => {
    /** @type {Request} */
    const request = { method, url, authorization: headers.authorization, redirect, at: now() };
    const on = `${method} ${url}`;
    const step = isOffline() ? undefined : steps.find((step) => step.on === on && isOpen(step));
    if (step) step.isUsed = true;
    let outcome = isOffline() ? OFFLINE : (step ?? (isList(request) ? EMPTY_LIST : undefined));
    if (!outcome || sent.length >= MOST_REQUESTS) {
      unexpected.push(on);
      outcome = { hang: true };
    }
    sent.push(request);
    script.mostInFlight = Math.max(script.mostInFlight, ++script.inFlight);
    try {
      return await respondWith(outcome, signal);
    } finally {
      script.inFlight -= 1;
      if (!signal.aborted) request.responded = now();
    }
  });
  return Object.assign(script, { fetch });
}

/** @param {Outcome} outcome @param {AbortSignal} signal */
async function respondWith({ hang, network_error: code, respond }, signal) {
  await new Promise((resolve, reject) => {
    if (!hang) setImmediate(resolve);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // The error of Node's own fetch.
  if (code) throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
  const { status, headers = {}, body } = present(respond, "the response");
  // A body that is not a string is sent as JSON.
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  // For a list of values the field is sent several times.
  const fields = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  return new Response(text, { status, headers: /** @type {[string, string][]} */ (fields) });
}
