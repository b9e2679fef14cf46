// Shows what happens: live lines on a terminal, one line an event elsewhere, or NDJSON.
import { eventText, isNews, resultText } from "./event-text.js";
import { liveView } from "./live-view.js";
import { safeCopy } from "./safe-text.js";
import { momentOf } from "./words.js";

/** @import { DeviceResult, FleetProgressEvent } from "teams-device-diagnostics/fleet" */
/** @import { Output } from "./output.js" */

/** @param {Output} output @param {NodeJS.WriteStream} stream the terminal of the live lines */
export function createProgress(output, stream) {
  let isStopping = false;
  const live = output.isLive ? liveView(output, stream) : undefined;
  const writesEvents = !output.json && !(live && output.out.isTerminal);

  return {
    /** @param {FleetProgressEvent} event */
    onEvent(event) {
      live?.onEvent(event);
      if (output.json) output.record(event);
      else if (writesEvents && isNews(event)) output.line(eventLine(safeCopy(event)));
    },
    /** @param {DeviceResult} result */
    onResult(result) {
      if (output.json) output.record({ type: "result", ...result });
      // After Ctrl-C these are perhaps thousands, and the summary counts them.
      if (isStopping && (result.outcome === "notStarted" || result.outcome === "aborted")) return live?.onEnd(result.deviceId, "");
      const text = resultLine(safeCopy(result), output.out);
      if (live && output.out.isTerminal) return live.onEnd(result.deviceId, text);
      live?.onEnd(result.deviceId, "");
      output.line(`${now()} ${text}`);
    },
    onStopping() {
      isStopping = true;
      live?.onStopping();
    },
    close: () => live?.close(),
  };
}

/** @param {FleetProgressEvent} event */
const eventLine = (event) => `${now()} ${"deviceId" in event ? `${event.deviceId} ` : ""}${eventText(event)}`;

/** @param {DeviceResult} result @param {Output["out"]} terminal */
function resultLine(result, { colors, marks }) {
  const isGood = result.outcome === "successful";
  const isOpen = ["aborted", "notStarted", "stillRunning"].includes(result.outcome);
  const mark = isGood ? colors.green(marks.good) : isOpen ? colors.yellow(marks.open) : colors.red(marks.bad);
  return `${mark} ${result.deviceId} ${resultText(result)}`;
}

/** The time in UTC, for logs. */
const now = () => momentOf(Date.now());
