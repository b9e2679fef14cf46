// Reads what the caller passes to fetch. The platform's own Request checks it.
import { throwIfAborted, unlessAborted } from "./abort.js";
import { networkError } from "./network-error.js";
import { isCrossOrigin } from "./page-limits.js";

/**
 * @typedef {object} Sent a request as the caller sent it
 * @property {string} method
 * @property {URL} url
 * @property {Headers} headers
 * @property {Uint8Array} body
 * @property {AbortSignal | null | undefined} signal
 * @property {boolean} hasOwnSignal whether the caller has passed a signal. Each Request has one, and few of those ever fire
 * @property {RequestRedirect} redirect
 */

/** @param {any} input @param {any} init @returns {Promise<Sent>} */
export async function readRequest(input, init) {
  if (!["object", "function", "undefined"].includes(typeof init)) throw new TypeError("The second argument of fetch must be an object");
  const { signal = input?.signal, body } = init ?? {};
  // The signal stays out of it: a Request makes another one that follows it, with a listener for each request.
  const request = new Request(await known(input), Object.create(init ?? {}, { signal: { value: undefined } }));
  if (signal && typeof signal.addEventListener !== "function") throw new TypeError("The signal of fetch must be an AbortSignal");
  throwIfAborted(signal);
  const url = new URL(request.url);
  url.hash = "";
  if (request.mode === "same-origin" && isCrossOrigin(url)) throw networkError("The request is for another origin");
  const bytes = await unlessAborted(signal, bytesOf(request, body));
  const length = request.headers.get("content-length");
  if (length !== null && length !== String(bytes.length)) throw networkError("Content-Length is not that of the body");
  // The Request of a polyfill does not know redirects.
  const redirect = init?.redirect ?? request.redirect ?? "follow";
  return {
    method: request.method,
    url,
    headers: new Headers(request.headers),
    body: bytes,
    signal,
    hasOwnSignal: Boolean(init?.signal),
    redirect,
  };
}

/** A URL or a Request of this platform. Libraries have Requests of their own. @param {any} input */
async function known(input) {
  if (input instanceof Request) return input;
  if (typeof input?.url !== "string") return new URL(String(input), globalThis.location?.href);
  const { url, method, headers, redirect } = input;
  const body = input.body ? await input.arrayBuffer() : undefined;
  return new Request(url, { method, headers: [...headers], redirect, body });
}

/** @param {Request} request @param {unknown} body as given */
async function bytesOf(request, body) {
  // A Request reads a text with `queueMicrotask`, which fake timers may have replaced.
  if (typeof body === "string") return new TextEncoder().encode(body);
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch (cause) {
    throw networkError("The body of the request could not be read", { cause });
  }
}
