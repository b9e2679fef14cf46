// Shows the progress of set-up: as tasks on a terminal, as lines elsewhere.
import { Listr, PRESET_TIMER } from "listr2";
import { PROGRESS_EVERY_MS } from "./tools.mjs";

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {number} [seconds] its duration with two cores and a fast network, if it is done only once
 * @property {(report: import("./cargo.mjs").Report) => Promise<unknown>} take
 */

/** @param {Step[]} missing */
export function announce(missing) {
  if (missing.length === 0) return;
  const longest = missing.reduce((one, other) => ((other.seconds ?? 0) > (one.seconds ?? 0) ? other : one));
  const what = missing.length === 1 ? "one thing is missing" : `${missing.length} things are missing`;
  console.log(`set-up: ${what}; the longest is ${longest.title}, about ${duration(longest.seconds)} with two cores`);
}

/** @param {number} seconds */
const duration = (seconds = 0) => (seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`);

/** Runs the lanes at the same time, and the steps of each lane in order. @param {{ title: string, steps: Step[] }[]} lanes */
export async function takeSteps(lanes) {
  /** @type {unknown[]} */
  const failures = [];
  const tasks = lanes
    .filter(({ steps }) => steps.length > 0)
    .map(({ title, steps }) => ({
      title,
      task: (/** @type {unknown} */ _, /** @type {import("listr2").ListrTaskWrapper<any, any, any>} */ lane) =>
        lane.newListr(
          steps.map((step) => asTask(step, failures)),
          { concurrent: false },
        ),
    }));
  const shown = { timer: PRESET_TIMER };
  const options = {
    concurrent: true,
    rendererOptions: { ...shown, collapseSubtasks: false },
    fallbackRendererOptions: shown,
    // A terminal of unknown width would show one character on each line.
    fallbackRendererCondition: () => !process.stdout.isTTY || !process.stdout.columns,
  };
  await new Listr(tasks, options).run().catch((error) => {
    throw failures[0] ?? error;
  });
}

/** A step as a task. Its error is shown only at the end, because it can be long. @param {Step} step @param {unknown[]} failures */
function asTask({ title, seconds, take: takeStep }, failures) {
  /** @param {import("./cargo.mjs").Report} report */
  const take = (report) =>
    takeStep(report).catch((/** @type {unknown} */ error) => {
      failures.push(error);
      throw new Error("see below");
    });
  let last = Date.now();
  return {
    title: seconds ? `${title} (about ${duration(seconds)})` : title,
    task: (/** @type {unknown} */ _, /** @type {{ output: string }} */ task) =>
      take((/** @type {string} */ text, { isProgress = true } = {}) => {
        if (isProgress && !process.stdout.isTTY && Date.now() - last < PROGRESS_EVERY_MS) return;
        last = Date.now();
        task.output = `${title}: ${text}`;
      }),
  };
}
