// What nothing has caught, such as an unhandled rejection. It ends the command; but if a fleet runs, that first has to be ended in an
// orderly way, because its report and its locations are all that leads to runs that continue.

/** @typedef {ReturnType<typeof listenForDefects>} Defects */
/** @typedef {(error: unknown) => void} Receiver */

/** @param {Receiver} endAtOnce what ends the command when there is no other receiver */
export function listenForDefects(endAtOnce) {
  let receiver = endAtOnce;
  let hasOccurred = false;
  // Node itself would print the line of the source, and this program is one line.
  process.on("uncaughtException", (error) => {
    hasOccurred = true;
    receiver(error);
  });
  return {
    /** Passes each defect to a receiver, until the returned function is called. @param {Receiver} wanted */
    receive(wanted) {
      receiver = wanted;
      return () => {
        receiver = endAtOnce;
      };
    },
    /** Whether there was one: then something may be left that would keep the process. */
    get haveOccurred() {
      return hasOccurred;
    },
  };
}
