// Whether this browser has a history, and when another tab begins one: then the part of the page about runs is needed.

/** The name of the database, and of the channel for its news. */
export const HISTORY = "teams-device-diagnostics";

export async function isHistoryThere() {
  try {
    // A browser that cannot list its databases may have it.
    if (indexedDB.databases === undefined) return true;
    return (await indexedDB.databases()).some(({ name }) => name === HISTORY);
  } catch {
    // The browser forbids storage.
    return false;
  }
}

/** Calls back once, when another tab writes into the history. @param {() => void} begun */
export function whenHistoryBegins(begun) {
  const channel = new BroadcastChannel(HISTORY);
  channel.onmessage = () => {
    channel.close();
    begun();
  };
}
