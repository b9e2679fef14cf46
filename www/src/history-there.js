// Whether this browser has a history, which tells whether the part of the page about runs is needed when the page is opened.

/** The name of the database. */
export const HISTORY = "teams-device-diagnostics";

export async function isHistoryThere() {
  try {
    return (await indexedDB.databases()).some(({ name }) => name === HISTORY);
  } catch {
    // A browser that forbids storage has no history; one that cannot list its databases may have one.
    return "indexedDB" in globalThis && indexedDB.databases === undefined;
  }
}
