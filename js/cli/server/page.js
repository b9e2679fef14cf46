// The files of the page, with the header fields that a careful host would send.
import { constants } from "node:zlib";
import compression from "compression";
import sirv from "sirv";

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/** The page's permissions; the page itself has the same policy, for servers that do not send this field. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  [
    "connect-src 'self' https://graph.microsoft.com https://graph.microsoft.us https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn https://login.microsoftonline.com https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
  ].join(" "),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The page writes to the clipboard, and needs no other permission that a browser asks people for. */
const PERMISSIONS_POLICY = [
  ...["camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb"],
  "clipboard-read",
]
  .map((name) => `${name}=()`)
  .concat("clipboard-write=(self)")
  .join(", ");

/** Only documents need these fields; with every other file they would cost as much as a small file. @type {[string, string][]} */
const FIELDS_OF_DOCUMENTS = [
  ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
  ["Referrer-Policy", "no-referrer"],
  ["Permissions-Policy", PERMISSIONS_POLICY],
  ["Cross-Origin-Opener-Policy", "same-origin-allow-popups"],
  // Tells the page that a simulated Graph is behind it, at this service root.
  ["X-Simulated-Graph", "/beta"],
];

/** The path of a page or an image; that of a page may lack its ending. */
const DOCUMENT = /(\.html|\.svg|\/[^./]*)$/;

/** Serves the files of a folder. What is none of them goes to `next`. @param {string} folder */
export function pageIn(folder) {
  const files = sirv(folder, { dev: true, setHeaders });
  // Nearly as small as at quality 9, in a tenth of the time.
  const compress = compression({ level: 9, brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } } });
  return (/** @type {IncomingMessage} */ request, /** @type {ServerResponse} */ response, /** @type {() => void} */ next) => {
    if (request.method !== "GET" && request.method !== "HEAD") return next();
    return files(request, response, next);
  };

  /** @param {ServerResponse} response @param {string} path */
  function setHeaders(response, path) {
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("X-Content-Type-Options", "nosniff");
    // It says the default, in as many bytes as a small file has.
    response.removeHeader("Connection");
    if (DOCUMENT.test(path)) for (const [name, value] of FIELDS_OF_DOCUMENTS) response.setHeader(name, value);
    compress(response.req, response, () => {});
  }
}
