// A `fetch` that responds as the exchanges of a case say, and records the requests.
import { isOffline, now } from "./clock.mjs";

// No case needs this many requests. A client that never stops gets no more responses.
const MOST_REQUESTS = 500;

export const isList = ({ method, url }) => method === "GET" && url.endsWith("/operations");
export const isPoll = (request) => request.method === "GET" && !isList(request);

/** `origin` is the origin of the paths in the exchanges. */
export function scripted(origin, exchanges) {
  const steps = exchanges.map((exchange) => ({ ...exchange, on: exchange.on.replace(" ", ` ${origin}`), isUsed: false }));
  const began = now();
  const isOpen = ({ isUsed, repeat, until_ms }) => (until_ms === undefined ? !isUsed || repeat === "always" : now() - began < until_ms);
  const script = {
    sent: [],
    unexpected: [],
    inFlight: 0,
    mostInFlight: 0,
    unused: () => steps.filter((step) => !step.isUsed).map(({ on }) => on),
  };

  script.fetch = async (url, { method, headers, redirect, signal }) => {
    const request = { method, url, authorization: headers.authorization, redirect, at: now() };
    const on = `${method} ${url}`;
    let step = isOffline() ? { network_error: "ENETUNREACH" } : steps.find((step) => step.on === on && isOpen(step));
    if (step) step.isUsed = true;
    else if (isList(request)) step = { respond: { status: 200, body: { value: [] } } };
    if (!step || script.sent.length >= MOST_REQUESTS) {
      script.unexpected.push(on);
      step = { hang: true };
    }
    script.sent.push(request);
    script.mostInFlight = Math.max(script.mostInFlight, ++script.inFlight);
    try {
      return await answer(step, signal);
    } finally {
      script.inFlight -= 1;
      if (!signal.aborted) request.answered = now();
    }
  };
  return script;
}

async function answer(step, signal) {
  await new Promise((resolve, reject) => {
    if (!step.hang) setImmediate(resolve);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // The error of Node's own fetch.
  const { network_error: code, respond } = step;
  if (code) throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
  const { status, headers = {}, body } = respond;
  // A body that is not a string is sent as JSON.
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  // For a list of values the field is sent several times.
  const fields = Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  return new Response(text, { status, headers: /** @type {[string, string][]} */ (fields) });
}
