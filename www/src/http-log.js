// A `fetch` that records requests and responses, for people to read. Tokens are removed from the record.

import { MARK, redacted } from "../../src/bindings/redaction.js";

const MOST_TOKENS = 20;
const MOST_ENTRIES = 200;
const LONGEST_BODY = 20_000;

/**
 * One request and its result. Without a status and a failure, the response is still awaited. A page sees only those header fields of
 * the response that the service's CORS allows it to read.
 *
 * @typedef {object} Entry
 * @property {Date} at
 * @property {string} method
 * @property {string} url
 * @property {[string, string][]} requestHeaders
 * @property {number} [status]
 * @property {[string, string][]} responseHeaders
 * @property {string} body of the response
 * @property {string} [failure] why there is no response, or no whole one
 */

export class HttpLog {
  /** The last 200 entries, oldest first. @type {Entry[]} */
  entries = [];
  /** The last tokens. They are renewed about every hour. @type {string[]} */
  #tokens = [];
  #fetch;

  /** @param {typeof globalThis.fetch} [fetch] that of the browser by default */
  constructor(fetch = (input, init) => globalThis.fetch(input, init)) {
    this.#fetch = fetch;
  }

  /**
   * The `fetch` that also records the request.
   *
   * @type {typeof globalThis.fetch}
   */
  fetch = async (input, init) => {
    const entry = this.#begin(input, init);
    try {
      const response = await this.#fetch(input, init);
      this.#responded(entry, response);
      return response;
    } catch (error) {
      entry.failure = this.#failure(error);
      throw error;
    }
  };

  /** The log in the format of HTTP/1.1, with the time of each request. */
  toText() {
    return this.entries.map(asHttp).join("\n\n");
  }

  /**
   * @param {RequestInfo | URL} input
   * @param {RequestInit | undefined} init
   */
  #begin(input, init) {
    const request = input instanceof Request ? input : undefined;
    const headers = new Headers(init?.headers ?? request?.headers);
    const token = /^bearer +(.*)$/i.exec(headers.get("authorization") ?? "")?.[1];
    if (token && !this.#tokens.includes(token)) this.#tokens = [...this.#tokens.slice(1 - MOST_TOKENS), token];
    if (headers.has("authorization")) headers.set("authorization", `Bearer ${MARK}`);
    /** @type {Entry} */
    const entry = {
      at: new Date(),
      method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
      url: this.#redacted(request?.url ?? String(input)),
      requestHeaders: this.#fields(headers),
      responseHeaders: [],
      body: "",
    };
    this.entries.push(entry);
    if (this.entries.length > MOST_ENTRIES) this.entries.shift();
    return entry;
  }

  /**
   * The body is recorded when the caller reads it as text. A clone of the response would be lost, because the caller aborts the request as
   * soon as it has the response.
   *
   * @param {Entry} entry
   * @param {Response} response
   */
  #responded(entry, response) {
    if (response.type === "opaqueredirect") {
      entry.failure = "A redirect, which is not followed, because the token would be sent along.";
      return;
    }
    entry.status = response.status;
    entry.responseHeaders = this.#fields(response.headers);
    const read = response.text.bind(response);
    response.text = async () => {
      try {
        const body = await read();
        entry.body = cut(this.#redacted(body));
        return body;
      } catch (error) {
        entry.failure = this.#failure(error);
        throw error;
      }
    };
  }

  /** @param {string} text */
  #redacted(text) {
    return this.#tokens.reduce(redacted, text);
  }

  /** @param {unknown} error */
  #failure(error) {
    return this.#redacted(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }

  /**
   * @param {Headers} headers
   * @returns {[string, string][]}
   */
  #fields(headers) {
    return [...headers].map(([name, value]) => [name, this.#redacted(value)]);
  }
}

/** @param {string} body */
function cut(body) {
  const rest = body.length - LONGEST_BODY;
  return rest > 0 ? `${body.slice(0, LONGEST_BODY)}\n[${rest} more characters]` : body;
}

/** @param {Entry} entry */
function asHttp({ at, method, url, requestHeaders, status, responseHeaders, body, failure }) {
  const { host, pathname, search } = new URL(url);
  const lines = [
    `# ${at.toISOString()}`,
    `${method} ${pathname}${search} HTTP/1.1`,
    ...written([["host", host], ...requestHeaders]),
    "",
    ...(status === undefined ? [] : [`HTTP/1.1 ${status}`, ...written(responseHeaders)]),
    ...(body === "" ? [] : ["", body]),
    ...(failure === undefined ? [] : [`# ${failure}`]),
    ...(status === undefined && failure === undefined ? ["# No response yet."] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** @param {[string, string][]} fields */
const written = (fields) => fields.map(([name, value]) => `${name}: ${value}`);
