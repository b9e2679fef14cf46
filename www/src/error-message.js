// The message of whatever was thrown, for people.

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
