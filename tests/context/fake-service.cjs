// The service for tests with fake timers. Its responses need no timer, job queue or stream, all of which may be faked. It is CommonJS for
// Jest.

const BASE = "https://graph.microsoft.com/beta/teamwork/devices/d/operations";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const response = (status, body, headers = {}) => ({
  status,
  headers: { get: (name) => headers[name.toLowerCase()] ?? null },
  text: async () => JSON.stringify(body),
});
const accepted = (id = "o") => response(202, undefined, { location: `${BASE}/${id}` });
const polled = (status, headers) => () => response(200, { value: { id: "o", operationType: "deviceDiagnostics", status } }, headers);
const refuse = (status, headers) => () => response(status, { error: { code: "x", message: "x" } }, headers);

/** A replacement of fetch that gives the responses in turn, and then the last one again; `sent` counts the requests. */
function service(...responses) {
  const fetch = async () => {
    fetch.sent += 1;
    return (responses.length > 1 ? responses.shift() : responses[0])();
  };
  fetch.sent = 0;
  return fetch;
}

/** A replacement of fetch that never responds. */
const silence = () => {
  const fetch = () => {
    fetch.sent += 1;
    return new Promise(() => {});
  };
  fetch.sent = 0;
  return fetch;
};

/** The state of a call, which can be inspected without waiting. */
function watched(call) {
  const seen = { state: "pending" };
  call.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (reason) => Object.assign(seen, { state: "rejected", reason }),
  );
  return seen;
}

module.exports = { BASE, DAY, HOUR, accepted, polled, refuse, service, silence, watched };
