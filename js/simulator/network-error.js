// The error of a fetch that gets no response.

/**
 * @param {string} message
 * @param {{ code?: string, cause?: unknown, text?: string }} [details] `text`: the message of the error itself
 */
export function networkError(message, { code, cause, text = "fetch failed" } = {}) {
  return new TypeError(text, { cause: Object.assign(new Error(message, { cause }), code ? { code } : {}) });
}
