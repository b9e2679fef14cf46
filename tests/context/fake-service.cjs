// The service for tests with fake timers. Its responses need no timer, job queue or stream, all of which may be faked. It is CommonJS for
// Jest.

const BASE = "https://graph.microsoft.com/beta/teamwork/devices/d/operations";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * A response with the members that the package needs.
 *
 * @typedef {{ status: number, headers: { get: (name: string) => string | null }, text: () => Promise<string> }} FakeResponse
 *
 * The state of a call.
 *
 * @typedef {{ state: "pending" | "resolved" | "rejected", value?: any, reason?: any }} Watched
 *
 * A stand-in for fetch, which counts its requests.
 *
 * @typedef {(() => Promise<any>) & { sent: number }} Service
 */

/** @param {() => FakeResponse | Promise<never>} respond @returns {Service} */
const counted = (respond) => {
  const fetch = async () => {
    fetch.sent += 1;
    return respond();
  };
  fetch.sent = 0;
  return fetch;
};

/** @param {number} status @param {unknown} body @param {Record<string, string>} [headers] @returns {FakeResponse} */
const response = (status, body, headers = {}) => ({
  status,
  headers: { get: (name) => headers[name.toLowerCase()] ?? null },
  text: async () => JSON.stringify(body),
});
const accepted = (id = "o") => response(202, undefined, { location: `${BASE}/${id}` });
/** @type {(status: string, headers?: Record<string, string>) => () => FakeResponse} */
const polled = (status, headers) => () => response(200, { value: { id: "o", operationType: "deviceDiagnostics", status } }, headers);
/** @type {(status: number, headers?: Record<string, string>) => () => FakeResponse} */
const refuse = (status, headers) => () => response(status, { error: { code: "x", message: "x" } }, headers);

/** A replacement of fetch that gives the responses in turn, and then the last one again. @param {...(() => FakeResponse)} responses */
const service = (...responses) =>
  counted(() => {
    const [respond] = responses.length > 1 ? responses.splice(0, 1) : responses;
    return respond();
  });

/** A replacement of fetch that never responds. */
const silence = () => counted(() => new Promise(() => {}));

/** The state of a call, which can be inspected without waiting. @param {Promise<unknown>} call */
function watched(call) {
  /** @type {Watched} */
  const seen = { state: "pending" };
  call.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (reason) => Object.assign(seen, { state: "rejected", reason }),
  );
  return seen;
}

module.exports = { BASE, DAY, HOUR, accepted, polled, refuse, service, silence, watched };
