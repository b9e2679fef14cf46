// A fetch that the simulated Graph answers, with the failures and the redirects of a real one.
import { throwIfAborted, unlessAborted, untilAborted } from "./abort.js";
import { networkError } from "./network-error.js";
import { isPage } from "./page-limits.js";
import { readRequest } from "./request.js";
import { opaqueRedirect, responseOf } from "./response.js";

/** @import { Sent } from "./request.js" */

const MOST_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];
/** The header fields about a body, which is not sent on when a redirect makes a GET of a request. */
const OF_BODY = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];

/** @param {any} service @param {string} origin @param {() => number} now @returns {typeof globalThis.fetch} */
export function fetchFrom(service, origin, now) {
  /** @param {Sent} sent @param {number} redirects @returns {Promise<Response>} */
  const exchange = async (sent, redirects) => {
    const { method, url, headers, body, signal, hasOwnSignal, redirect } = sent;
    throwIfAborted(signal);
    if (url.origin !== origin) throw networkError(`This simulated Graph is at ${origin}, not at ${url.origin}: see options.origin`);
    const request = JSON.stringify([method, url.pathname + url.search, [...headers]]);
    const [disposition, delay] = handled(() => service.handle(now(), request, body));
    if (delay > 0) await after(delay, signal);
    if (disposition === "hang") return untilAborted(signal, hasOwnSignal);
    if (disposition === "reset") throw networkError("The simulated Graph closed the connection", { code: "ECONNRESET" });
    const location = disposition.headers.find((/** @type {[string, string]} */ [name]) => name.toLowerCase() === "location")?.[1];
    const isRedirect = REDIRECTS.includes(disposition.status) && location !== undefined;
    if (!isRedirect) return responseOf(disposition, sent, redirects > 0);
    if (redirect === "error") throw networkError("The response is a redirect");
    if (redirect === "manual") return isPage() ? opaqueRedirect(url) : responseOf(disposition, sent, redirects > 0);
    if (redirects === MOST_REDIRECTS) throw networkError("There are too many redirects");
    return exchange(redirected(sent, disposition.status, new URL(location, url)), redirects + 1);
  };
  return async (input, init) => exchange(await readRequest(input, init), 0);
}

/** The request after a redirect: what was a POST becomes a GET, as fetch does it. @param {Sent} sent @param {number} status @param {URL} url */
function redirected(sent, status, url) {
  const becomesGet = status === 303 ? sent.method !== "HEAD" : status < 303 && sent.method === "POST";
  if (!becomesGet) return { ...sent, url };
  const headers = new Headers(sent.headers);
  for (const name of OF_BODY) headers.delete(name);
  return { ...sent, url, headers, method: "GET", body: new Uint8Array() };
}

/** Waits; an abort ends the wait and its timer. @param {number} delay in milliseconds @param {AbortSignal | null | undefined} signal */
async function after(delay, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, delay);
  });
  await unlessAborted(signal, over).finally(() => clearTimeout(timer));
}

/** What the wasm returns. It throws texts. @param {() => string} handle */
function handled(handle) {
  try {
    return JSON.parse(handle());
  } catch (problem) {
    throw typeof problem === "string" ? new TypeError(`simulateGraph: options.now: ${problem}`) : problem;
  }
}
