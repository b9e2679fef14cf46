// The live lines of a fleet: one for each running device, as many as fit, and a bar with counts and an estimate.
import { eventText, isNews, pauseText } from "./event-text.js";
import { safeCopy, safeText } from "./safe-text.js";
import { lengthOf, timeOfDay } from "./words.js";

/** @import { FleetEvent, FleetProgressEvent } from "teams-device-diagnostics/fleet" */
/** @import { Output } from "./output.js" */
/** @typedef {{ text: string, since: number }} RunningDevice */
/** @typedef {ReturnType<typeof liveView>} LiveView */

const MOST_OFTEN_MS = 100;
const AT_LEAST_EVERY_MS = 1_000;
const BAR_WIDTH = 24;

/** @param {Output} output @param {NodeJS.WriteStream} stream the terminal, which may be resized */
export function liveView({ region, err, line }, stream) {
  /** @type {Map<string, RunningDevice>} */
  const running = new Map();
  /** @type {FleetEvent | undefined} */
  let fleet;
  let pause = "";
  let isStopping = false;
  /** Lines that are written above with the next drawing. @type {string[]} */
  let above = [];
  let drawnAt = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let soon;

  const writeAbove = () => {
    if (above.length > 0) line(above.join("\n"));
    above = [];
  };
  const draw = () => {
    clearTimeout(soon);
    soon = undefined;
    drawnAt = Date.now();
    writeAbove();
    const last = [...(pause ? [err.colors.yellow(pause)] : []), barLine(fleet, isStopping, err)];
    // The first row stays free: some terminals keep a screen that is erased as a whole in their history.
    const room = Math.max(0, err.height() - 2 - last.length);
    region.draw([...deviceLines(running, room, err), ...last]);
  };
  const drawSoon = () => {
    soon ??= setTimeout(draw, Math.max(0, drawnAt + MOST_OFTEN_MS - Date.now()));
  };
  const clock = setInterval(drawSoon, AT_LEAST_EVERY_MS);
  stream.on("resize", draw);

  return {
    /** @param {FleetProgressEvent} event */
    onEvent(event) {
      if (event.type === "fleet") {
        fleet = event;
        if (!event.pausedFor) pause = "";
      } else if (event.type === "paused") {
        pause = pauseText(safeCopy(event));
      } else if (isNews(event)) {
        const since = running.get(event.deviceId)?.since ?? Date.now();
        running.set(event.deviceId, { since, text: eventText(safeCopy(event)) });
      }
      drawSoon();
    },
    /** @param {string} deviceId @param {string} text the line that stays, if any */
    onEnd(deviceId, text) {
      running.delete(deviceId);
      if (text) above.push(text);
      drawSoon();
    },
    onStopping() {
      isStopping = true;
      drawSoon();
    },
    close() {
      clearInterval(clock);
      clearTimeout(soon);
      stream.off("resize", draw);
      region.clear();
      writeAbove();
    },
  };
}

/** @param {Map<string, RunningDevice>} running @param {number} room @param {Output["err"]} terminal */
function deviceLines(running, room, { colors, marks }) {
  const shown = running.size > room ? Math.max(0, room - 1) : running.size;
  const lines = [];
  for (const [deviceId, { text, since }] of running) {
    if (lines.length === shown) break;
    lines.push(`${colors.cyan(marks.open)} ${safeText(deviceId)}  ${text}  ${colors.dim(lengthOf(Date.now() - since))}`);
  }
  if (shown < running.size && room > 0) lines.push(colors.dim(`${marks.more} and ${running.size - shown} more`));
  return lines;
}

/** @param {FleetEvent | undefined} fleet @param {boolean} isStopping @param {Output["err"]} terminal */
function barLine(fleet, isStopping, { colors, marks }) {
  if (!fleet) return colors.dim("starting");
  const ended = fleet.successful + fleet.failed + fleet.other;
  const total = ended + fleet.waiting + fleet.starting + fleet.running;
  const full = total === 0 ? 0 : Math.floor((ended / total) * BAR_WIDTH);
  const bar = colors.green(marks.full.repeat(full)) + marks.empty.repeat(BAR_WIDTH - full);
  return [`${bar} ${ended} of ${total}`, ...facts(fleet, isStopping)].join("  ");
}

/** @param {FleetEvent} fleet @param {boolean} isStopping */
function facts({ running, starting, failed, other, throttledUntil, timeLeftMs }, isStopping) {
  return [
    running + starting > 0 && `${running + starting} running`,
    failed > 0 && `${failed} failed`,
    other > 0 && `${other} other`,
    isStopping && "stopping",
    !isStopping && timeLeftMs !== undefined && `about ${lengthOf(timeLeftMs)} left`,
    throttledUntil && `throttled until ${timeOfDay(throttledUntil)}`,
  ].filter((fact) => typeof fact === "string");
}
