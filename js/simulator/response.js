// The responses of the simulated Graph as fetch returns them.
import { onAbort, untilAborted } from "./abort.js";
import { networkError } from "./network-error.js";
import { isCrossOrigin, readableInPages } from "./page-limits.js";

/** @import { Sent } from "./request.js" */

/** @typedef {{ status: number, headers: [string, string][], body: string, end: "complete" | "reset" | "hang" }} Answer */

/** The statuses of a response that cannot have a body. */
const NULL_BODY = [204, 205, 304];

/** @param {Answer} answer @param {Sent} sent @param {boolean} redirected */
export function responseOf({ status, headers, body, end }, sent, redirected) {
  const { method, url } = sent;
  const isOdd = status > 599;
  const isCors = isCrossOrigin(url);
  const hasBody = method !== "HEAD" && !NULL_BODY.includes(status);
  const init = { status: isOdd ? 200 : status, headers: headersOf(isCors ? readableInPages(headers) : headers) };
  const response = new Response(hasBody ? bodyOf(body, end, sent) : null, init);
  // The constructor takes none of these. Other statuses than these exist on the network only.
  const members = { url: url.href, type: isCors ? "cors" : "basic", redirected };
  return withMembers(response, isOdd ? { ...members, status, ok: false } : members);
}

/** What pages get instead of a redirect that is not followed (Fetch standard, opaque-redirect filtered response). @param {URL} url */
export const opaqueRedirect = (url) => withMembers(new Response(), { type: "opaqueredirect", status: 0, ok: false, url: url.href });

/** Header fields as they are read from the network: each byte of a value is a character. @param {[string, string][]} fields */
const headersOf = (fields) => new Headers(fields.map(([name, value]) => [name, String.fromCharCode(...new TextEncoder().encode(value))]));

/** A body; the Response of a polyfill takes only texts. @param {string} text @param {Answer["end"]} end @param {Sent} sent */
const bodyOf = (text, end, sent) => ("body" in Response.prototype ? streamOf(text, end, sent) : text);

/**
 * The body. It is a stream, because it can end early, and because a Response reads a text with `queueMicrotask`, which fake timers may have
 * replaced. It is written when it is read, so that an abort before that ends it.
 *
 * @param {string} text
 * @param {Answer["end"]} end
 * @param {Sent} sent
 */
function streamOf(text, end, { signal, hasOwnSignal }) {
  const parts = text === "" ? [] : [new TextEncoder().encode(text)];
  /** @type {() => void} */
  let forget = () => {};
  return new ReadableStream(
    {
      start(controller) {
        if (parts.length === 0 && end === "complete") controller.close();
        else forget = onAbort(signal, () => controller.error(signal?.reason));
      },
      async pull(controller) {
        const part = parts.shift();
        if (part !== undefined) controller.enqueue(part);
        else if (end === "hang") await untilAborted(signal, hasOwnSignal);
        else controller.error(networkError("The simulated Graph closed the connection", { code: "ECONNRESET", text: "terminated" }));
        if (parts.length > 0 || end !== "complete") return;
        forget();
        controller.close();
      },
      cancel: () => forget(),
    },
    { highWaterMark: 0 },
  );
}

/** @param {Response} response @param {Record<string, unknown>} members @returns {Response} */
function withMembers(response, members) {
  const clone = () => withMembers(Response.prototype.clone.call(response), members);
  for (const [name, value] of Object.entries({ ...members, clone })) Object.defineProperty(response, name, { value, configurable: true });
  return response;
}
