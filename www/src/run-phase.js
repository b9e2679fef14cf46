// Whether a run has ended, is followed by this tab, or was not sent yet.

/** @import { Run } from "./run.js" */

/** Whether it has not ended. @param {Run} run */
export const isWaitedFor = ({ outcome }) => outcome === undefined;

/** Whether nothing was sent for it yet. @param {Run} run */
export const isUnsent = ({ outcome, stage, isElsewhere }) => outcome === undefined && stage === "waiting" && !isElsewhere;

/** Whether this tab can stop waiting for it. @param {Run} run */
export const isFollowed = ({ outcome, isElsewhere }) => outcome === undefined && !isElsewhere;
