// Runs the scenarios with sinon's fake timers in a separate program, because a test runner loses its own jobs when process.nextTick is
// faked. Prints for each scenario why it failed, or nothing.
import { install } from "@sinonjs/fake-timers";
import fakeClocks from "./fake-clock-scenarios.cjs";

const { goesByTheRealClock, scenarios } = fakeClocks;
const NOW = Date.UTC(2026, 0, 1);
const CONFIGURATIONS = {
  "all defaults": {},
  "all but the job queues": {
    toFake: [
      "setTimeout",
      "clearTimeout",
      "setInterval",
      "clearInterval",
      "setImmediate",
      "clearImmediate",
      "Date",
      "performance",
      "hrtime",
    ],
  },
  "the timers alone": { toFake: ["setTimeout", "clearTimeout"] },
};

/** @type {string[]} */
let warned = [];
console.warn = (...said) => warned.push(said.join(" "));
const warm = await import("../../pkg/dist/index.js");
await warm.getOperation("").catch(() => {});
let copies = 0;
const cold = () => import(`../../pkg/dist/index.js?copy=${++copies}`);

/** @type {Record<string, string>} */
const outcomes = {};
for (const [configuration, options] of Object.entries(CONFIGURATIONS)) {
  /** @type {ReturnType<typeof install> | undefined} */
  let faked;
  const clock = {
    fake: () => (faked = install({ now: NOW, loopLimit: 100_000, .../** @type {import("@sinonjs/fake-timers").Config} */ (options) })),
    unfake() {
      faked?.uninstall();
      faked = undefined;
    },
    tick: async (/** @type {number} */ ms) => void (await faked?.tickAsync(ms)),
    count: () => faked?.countTimers() ?? 0,
  };
  for (const [name, run] of Object.entries(scenarios(warm, cold, clock))) {
    outcomes[`${configuration}: ${name}`] = await outcome(run).finally(clock.unfake);
  }
}
const date = install({ now: NOW, toFake: ["Date"] });
outcomes["with only Date faked, calls use the real clock"] = await outcome(() => goesByTheRealClock(warm, NOW));
date.uninstall();
console.log(JSON.stringify(outcomes));

/** @param {() => Promise<void>} run */
async function outcome(run) {
  warned = [];
  try {
    await run();
    return warned.join("\n");
  } catch (error) {
    return String(/** @type {Error} */ (error).stack);
  }
}
