// Runs the scenarios with Jest's fake timers, in Jest.
const { goesByTheRealClock, scenarios } = require("./fake-clock-scenarios.cjs");

const PACKAGE = "../../pkg/dist/index.cjs";
const ALL = [
  "Date",
  "hrtime",
  "nextTick",
  "performance",
  "queueMicrotask",
  "requestAnimationFrame",
  "cancelAnimationFrame",
  "requestIdleCallback",
  "cancelIdleCallback",
  "setImmediate",
  "clearImmediate",
  "setInterval",
  "clearInterval",
  "setTimeout",
  "clearTimeout",
];
const CONFIGURATIONS = {
  "all defaults": undefined,
  "the timers alone": { doNotFake: ALL.filter((name) => !["setTimeout", "clearTimeout"].includes(name)) },
};
const NOW = Date.UTC(2026, 0, 1);

const warm = require(PACKAGE);
const cold = async () => {
  jest.resetModules();
  return require(PACKAGE);
};
/** @param {object | undefined} options */
const clock = (options) => ({
  fake: () => jest.useFakeTimers(options),
  unfake: () => jest.useRealTimers(),
  tick: (/** @type {number} */ ms) => jest.advanceTimersByTimeAsync(ms),
  count: () => jest.getTimerCount(),
});

/** @type {object} */
let warned;
beforeAll(() => warm.getOperation("").catch(() => {}));
beforeEach(() => {
  warned = jest.spyOn(console, "warn");
});
afterEach(() => {
  jest.useRealTimers();
  expect(warned).not.toHaveBeenCalled();
});

for (const [configuration, options] of Object.entries(CONFIGURATIONS)) {
  for (const [name, run] of Object.entries(scenarios(warm, cold, clock(options)))) test(`${configuration}: ${name}`, run, 60_000);
}

test("with only Date faked, calls use the real clock", () => {
  jest.useFakeTimers({ now: NOW, doNotFake: ALL.filter((name) => name !== "Date") });
  return goesByTheRealClock(warm, NOW);
}, 60_000);
