// A fetch that the simulated Graph answers, with the failures, the redirects and the hidden header fields of a real one.

/**
 * @typedef {object} Sent a request as the caller sent it
 * @property {string} method
 * @property {URL} url
 * @property {Headers} headers
 * @property {Uint8Array} body
 * @property {AbortSignal | null | undefined} signal
 * @property {RequestRedirect} redirect
 */

/** @typedef {{ status: number, headers: [string, string][], body: string }} Answer */

const MOST_REDIRECTS = 20;
/** The statuses of a response that cannot have a body, and of a redirect. */
const NULL_BODY = [101, 103, 204, 205, 304];
const REDIRECTS = [301, 302, 303, 307, 308];
/** The header fields that pages may always read (Fetch standard, CORS-safelisted response-header name). */
const SAFELISTED = ["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"];

/** @param {any} service @param {string} origin @param {() => number} now @returns {typeof globalThis.fetch} */
export function fetchFrom(service, origin, now) {
  /** @param {Sent} sent @param {number} redirects @returns {Promise<Response>} */
  const exchange = async (sent, redirects) => {
    const { method, url, headers, body, signal, redirect } = sent;
    signal?.throwIfAborted();
    if (url.origin !== origin) throw networkError(`This simulated Graph is at ${origin}, not at ${url.origin}: see options.origin`);
    const request = JSON.stringify([method, url.pathname + url.search, [...headers]]);
    const [disposition, delay] = JSON.parse(service.handle(now(), request, body));
    if (delay > 0) await unlessAborted(signal, (resolve) => setTimeout(resolve, delay));
    if (disposition === "hang") return unlessAborted(signal, () => {});
    if (disposition === "reset") throw networkError("The simulated Graph closed the connection", "ECONNRESET");
    const location = disposition.headers.find((/** @type {[string, string]} */ [name]) => name.toLowerCase() === "location")?.[1];
    const isRedirect = REDIRECTS.includes(disposition.status) && location !== undefined;
    if (!isRedirect) return responseOf(disposition, url);
    if (redirect === "error") throw networkError("The response is a redirect");
    if (redirect === "manual") return isPage() ? opaqueRedirect(url) : responseOf(disposition, url);
    if (redirects === MOST_REDIRECTS) throw networkError("There are too many redirects");
    return exchange(redirected(sent, disposition.status, new URL(location, url)), redirects + 1);
  };
  return async (input, init) => exchange(await read(input, init), 0);
}

/** @param {any} input @param {RequestInit} [init] @returns {Promise<Sent>} */
async function read(input, init = {}) {
  const given = typeof input?.url === "string" ? input : undefined;
  const method = init.method ?? given?.method ?? "GET";
  return {
    method: /^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method,
    url: new URL(given?.url ?? String(input), globalThis.location?.href),
    headers: new Headers(init.headers ?? given?.headers),
    body: await bytesOf(init.body === undefined ? given : init.body),
    signal: init.signal === undefined ? given?.signal : init.signal,
    redirect: init.redirect ?? given?.redirect ?? "follow",
  };
}

/** The bytes of a body, or of the body of a request. @param {any} body */
async function bytesOf(body) {
  if (body === undefined || body === null || body.body === null) return new Uint8Array();
  if (typeof body === "string") return new TextEncoder().encode(body);
  return new Uint8Array(await (typeof body.arrayBuffer === "function" ? body : new Response(body)).arrayBuffer());
}

/** The request after a redirect: what was a POST becomes a GET, as fetch does it. @param {Sent} sent @param {number} status @param {URL} url */
function redirected(sent, status, url) {
  const isGet = status === 303 || (status < 303 && sent.method === "POST");
  return isGet ? { ...sent, url, method: "GET", body: new Uint8Array() } : { ...sent, url };
}

/** @param {Answer} answer @param {URL} url */
function responseOf({ status, headers, body }, url) {
  const isOdd = status < 200 || status > 599;
  const readable = isPage() && url.origin !== globalThis.location.origin ? readableInPages(headers) : headers;
  const response = new Response(NULL_BODY.includes(status) ? null : body, { status: isOdd ? 200 : status, headers: readable });
  // The constructor takes neither: other statuses than these exist on the network only.
  const members = isOdd ? { url: url.href, status, ok: false } : { url: url.href };
  return withMembers(response, members);
}

/** @param {[string, string][]} headers @returns {[string, string][]} */
function readableInPages(headers) {
  const listed = headers.find(([name]) => name === "Access-Control-Expose-Headers")?.[1] ?? "";
  const exposed = new Set([...SAFELISTED, ...listed.toLowerCase().split(/\s*,\s*/)]);
  return headers.filter(([name]) => exposed.has(name.toLowerCase()));
}

/** What pages get instead of a redirect that is not followed (Fetch standard, opaque-redirect filtered response). @param {URL} url */
const opaqueRedirect = (url) => withMembers(new Response(), { type: "opaqueredirect", status: 0, ok: false, url: url.href });

/** @param {Response} response @param {Record<string, unknown>} members */
function withMembers(response, members) {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(response, name, { value });
  return response;
}

/** Whether this is a page or one of its workers, where the browser hides what CORS does not expose. */
const isPage = () => typeof document === "object" || typeof (/** @type {any} */ (globalThis).WorkerGlobalScope) === "function";

/** The error of a fetch that gets no response. @param {string} message @param {string} [code] */
const networkError = (message, code) => new TypeError("fetch failed", { cause: Object.assign(new Error(message), code ? { code } : {}) });

/** What a wait ends with, unless the signal fires before. @param {AbortSignal | null | undefined} signal @param {(resolve: (value?: any) => void) => void} wait */
function unlessAborted(signal, wait) {
  /** @type {() => void} */
  let abort;
  const ended = new Promise((resolve, reject) => {
    abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    wait(resolve);
  });
  return ended.finally(() => signal?.removeEventListener("abort", abort));
}
