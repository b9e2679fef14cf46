// What to do about an error, in the words of the command: the library's hints are for programs.

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

/** @param {string | undefined} hint */
export const hintText = (hint) => hint && PHRASES.reduce((text, [phrase, here]) => text.replace(phrase, here), hint);
