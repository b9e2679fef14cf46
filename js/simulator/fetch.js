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
/** The header fields about a body, which is not sent on when a redirect makes a GET of a request. */
const OF_BODY = ["content-encoding", "content-language", "content-location", "content-type"];
/** The header fields that pages may always read (Fetch standard, CORS-safelisted response-header name). */
const SAFELISTED = ["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"];

/** @param {any} service @param {string} origin @param {() => number} now @returns {typeof globalThis.fetch} */
export function fetchFrom(service, origin, now) {
  /** @param {Sent} sent @param {number} redirects @returns {Promise<Response>} */
  const exchange = async (sent, redirects) => {
    const { method, url, headers, body, signal, redirect } = sent;
    throwIfAborted(signal);
    if (url.origin !== origin) throw networkError(`This simulated Graph is at ${origin}, not at ${url.origin}: see options.origin`);
    const request = JSON.stringify([method, url.pathname + url.search, [...headers]]);
    const [disposition, delay] = handled(() => service.handle(now(), request, body));
    if (delay > 0) await untilAborted(signal, (resolve) => setTimeout(resolve, delay));
    if (disposition === "hang") return untilAborted(signal, () => undefined);
    if (disposition === "reset") throw networkError("The simulated Graph closed the connection", "ECONNRESET");
    const location = disposition.headers.find((/** @type {[string, string]} */ [name]) => name.toLowerCase() === "location")?.[1];
    const isRedirect = REDIRECTS.includes(disposition.status) && location !== undefined;
    if (!isRedirect) return responseOf(disposition, sent, redirects > 0);
    if (redirect === "error") throw networkError("The response is a redirect");
    if (redirect === "manual") return isPage() ? opaqueRedirect(url) : responseOf(disposition, sent, redirects > 0);
    if (redirects === MOST_REDIRECTS) throw networkError("There are too many redirects");
    return exchange(redirected(sent, disposition.status, new URL(location, url)), redirects + 1);
  };
  return async (input, init) => exchange(await read(input, init ?? {}), 0);
}

/** @param {any} input @param {RequestInit} init @returns {Promise<Sent>} */
async function read(input, init) {
  const given = typeof input?.url === "string" ? input : undefined;
  const method = withUsualCase(init.method ?? given?.method ?? "GET");
  const url = new URL(given?.url ?? String(input), globalThis.location?.href);
  url.hash = "";
  const headers = new Headers(init.headers ?? given?.headers);
  const isNew = init.body !== undefined && init.body !== null;
  if (isNew && ["GET", "HEAD"].includes(method)) throw new TypeError(`A ${method} cannot have a body`);
  return {
    method,
    url,
    headers,
    body: isNew ? await bytesOf(init.body, headers) : await bodyOf(given),
    signal: init.signal === undefined ? given?.signal : init.signal,
    redirect: init.redirect ?? given?.redirect ?? "follow",
  };
}

/** @param {string} method */
const withUsualCase = (method) => (/^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method);

/** The bytes of a new body, whose media type is added to the header fields. @param {any} body @param {Headers} headers */
async function bytesOf(body, headers) {
  const whole = new Response(body);
  const type = whole.headers.get("content-type");
  if (type && !headers.has("content-type")) headers.set("content-type", type);
  return new Uint8Array(await whole.arrayBuffer());
}

/** The bytes of the body of a request. @param {any} given */
const bodyOf = async (given) => (given && given.body !== null ? new Uint8Array(await given.arrayBuffer()) : new Uint8Array());

/** The request after a redirect: what was a POST becomes a GET, as fetch does it. @param {Sent} sent @param {number} status @param {URL} url */
function redirected(sent, status, url) {
  const becomesGet = status === 303 ? sent.method !== "HEAD" : status < 303 && sent.method === "POST";
  if (!becomesGet) return { ...sent, url };
  const headers = new Headers(sent.headers);
  for (const name of OF_BODY) headers.delete(name);
  return { ...sent, url, headers, method: "GET", body: new Uint8Array() };
}

/** @param {Answer} answer @param {Sent} sent @param {boolean} redirected */
function responseOf({ status, headers, body }, { method, url }, redirected) {
  const isOdd = status < 200 || status > 599;
  const isCors = isPage() && url.origin !== globalThis.location.origin;
  const readable = isCors ? readableInPages(headers) : headers;
  const hasBody = method !== "HEAD" && !NULL_BODY.includes(status);
  const response = new Response(hasBody ? body : null, { status: isOdd ? 200 : status, headers: headersOf(readable) });
  // The constructor takes none of these. Other statuses than these exist on the network only.
  const members = { url: url.href, type: isCors ? "cors" : "basic", redirected };
  return withMembers(response, isOdd ? { ...members, status, ok: false } : members);
}

/** Header fields as they are read from the network: each byte of a value is a character. @param {[string, string][]} fields */
const headersOf = (fields) => new Headers(fields.map(([name, value]) => [name, String.fromCharCode(...new TextEncoder().encode(value))]));

/** @param {[string, string][]} headers @returns {[string, string][]} */
function readableInPages(headers) {
  const listed = headers.find(([name]) => name === "Access-Control-Expose-Headers")?.[1] ?? "";
  const exposed = new Set([...SAFELISTED, ...listed.toLowerCase().split(/\s*,\s*/)]);
  return headers.filter(([name]) => exposed.has(name.toLowerCase()));
}

/** What pages get instead of a redirect that is not followed (Fetch standard, opaque-redirect filtered response). @param {URL} url */
const opaqueRedirect = (url) => withMembers(new Response(), { type: "opaqueredirect", status: 0, ok: false, url: url.href });

/** @param {Response} response @param {Record<string, unknown>} members @returns {Response} */
function withMembers(response, members) {
  const clone = () => withMembers(Response.prototype.clone.call(response), members);
  for (const [name, value] of Object.entries({ ...members, clone })) Object.defineProperty(response, name, { value, configurable: true });
  return response;
}

/**
 * Whether this is a page or one of its workers, where the browser hides what CORS does not expose. Other runtimes have some of a browser's
 * globals, but not its name.
 */
const isPage = () => typeof globalThis.location === "object" && /^Mozilla\//.test(globalThis.navigator?.userAgent);

/** The error of a fetch that gets no response. @param {string} message @param {string} [code] */
const networkError = (message, code) => new TypeError("fetch failed", { cause: Object.assign(new Error(message), code ? { code } : {}) });

/** What the wasm returns. It throws texts. @param {() => string} handle */
function handled(handle) {
  try {
    return JSON.parse(handle());
  } catch (problem) {
    throw typeof problem === "string" ? new TypeError(`simulateGraph: options.now: ${problem}`) : problem;
  }
}

/** @param {AbortSignal | null | undefined} signal */
function throwIfAborted(signal) {
  if (signal?.aborted) throw signal.reason;
}

/**
 * What a wait ends with, unless the signal fires before.
 *
 * @param {AbortSignal | null | undefined} signal
 * @param {(resolve: (value?: any) => void) => ReturnType<typeof setTimeout> | undefined} wait returns its timer
 */
function untilAborted(signal, wait) {
  /** @type {() => void} */
  let abort;
  const ended = new Promise((resolve, reject) => {
    const timer = wait(resolve);
    abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort);
  });
  return ended.finally(() => signal?.removeEventListener("abort", abort));
}
