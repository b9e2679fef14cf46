// The simulated tenant of the benchmarks: its token, and devices whose operations take a fixed number of polls, however fast they come.

/** A token as long as Graph's: about 1,800 characters. */
export const token = `eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.${"eyJhdWQiOiJodHRwczovL2dyYXBoLm1pY3Jvc29mdC5jb20i".repeat(30)}.${"c2lnbmF0dXJl".repeat(28)}`;

/** The requests of an operation: a POST and three polls (`Queued`, `InProgress`, `Successful`). */
export const REQUESTS_PER_OPERATION = 4;

const DEVICES = 256;

/** The id of a device, in Graph's format. @param {number} number */
export const device = (number) => `f2a0e1d4-7c3b-4b6e-9d1a-${String(number % DEVICES).padStart(12, "0")}`;

/** The devices for the option `--devices`. It has no pace, so that no device is ever busy. */
export const devices = () =>
  Array.from({ length: DEVICES }, (_, number) => ({
    id: device(number),
    scenario: { paceMs: 0, pollFaults: [running("Queued"), running("InProgress")] },
  }));

const who = {
  application: null,
  device: null,
  user: { id: "6a1b7ed1-7f5c-4a2e-9d2d-8f6a0c1e5b77", displayName: "Simulated administrator" },
};

// A response in the format of the simulated Graph. It is fixed here, because the simulator's own would depend on the time.
/** @param {string} status */
function running(status) {
  const operation = {
    id: "119eb06d-0c4b-4fb0-a754-33cf1f40e4d3",
    operationType: "deviceDiagnostics",
    status,
    createdDateTime: "2026-06-19T12:01:03.450Z",
    startedDateTime: null,
    lastActionDateTime: "2026-06-19T12:01:03.450Z",
    completedDateTime: null,
    createdBy: who,
    lastActionBy: who,
    error: null,
  };
  return { response: { status: 200, body: { literal: JSON.stringify({ value: operation }) } } };
}
