// Sends responses that are not Graph's.
/** @import { ServerResponse } from "node:http" */

/** @param {ServerResponse} response @param {number} status @param {string} [text] */
export function sendText(response, status, text) {
  response.statusCode = status;
  if (text !== undefined) response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(text);
}

/** @param {ServerResponse} response @param {unknown} value */
export function sendJson(response, value) {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}
