// What a browser hides from pages, and other runtimes show.

/** The header fields that pages may always read (Fetch standard, CORS-safelisted response-header name). */
const SAFELISTED = ["cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"];

/** Whether this is a page or one of its workers. Other runtimes have some of a browser's globals, but not its name. */
export const isPage = () => typeof globalThis.location === "object" && /^Mozilla\//.test(globalThis.navigator?.userAgent);

/** Whether this is a page, and the URL of another origin. @param {URL} url */
export const isCrossOrigin = (url) => isPage() && url.origin !== globalThis.location.origin;

/** The header fields of a response of another origin that a page may read. @param {[string, string][]} headers @returns {[string, string][]} */
export function readableInPages(headers) {
  const listed = headers.find(([name]) => name === "Access-Control-Expose-Headers")?.[1] ?? "";
  const exposed = new Set([...SAFELISTED, ...listed.toLowerCase().split(/\s*,\s*/)]);
  return headers.filter(([name]) => exposed.has(name.toLowerCase()));
}
