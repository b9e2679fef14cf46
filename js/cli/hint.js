// Messages and hints of the library, which are for programs, in the words of the command.

/** Each phrase of the library, and what stands for it here. @type {[string, string][]} */
export const PHRASES = [
  ['(onConflict: "attach", or error.location)', "(--on-conflict attach)"],
  ["waitForOperation(error.location) goes on where this ended.", "teams-device-diagnostics wait LOCATION goes on where this ended."],
  ["For a national cloud pass options.cloud or options.baseUrl.", "For a national cloud pass --cloud or --base-url."],
  [
    "In a page, also check the proxy, CORS and the connect-src of the Content-Security-Policy.",
    "Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1 (Node 22.21, 24 and later).",
  ],
];

/** The options of the library that are options of the command too. */
const OPTIONS = /\boptions\.(timeout|patience|operationTimeout|pauseTimeout|cloud|baseUrl)\b/g;

/** A message with the options as the command has them. @param {string} text */
export const inOwnWords = (text) =>
  text.replace(OPTIONS, (_, name) => `--${name.replace(/[A-Z]/g, (/** @type {string} */ letter) => `-${letter.toLowerCase()}`)}`);

/** @param {string | undefined} hint */
export const hintText = (hint) => hint && inOwnWords(PHRASES.reduce((text, [phrase, here]) => text.replace(phrase, here), hint));
