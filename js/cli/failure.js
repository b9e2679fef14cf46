// The exit codes, and the failures that lead to them: messages for a person, without a stack.
import { textOf } from "./foreign.js";

export const EXIT = { allSuccessful: 0, notAllSuccessful: 1, usage: 2, noAccess: 3, interrupted: 130 };

export class Failure extends Error {
  /** @param {number} exitCode @param {string} message what is wrong @param {string} [hint] what to do */
  constructor(exitCode, message, hint) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** The command was called in a wrong way; nothing was sent. @param {string} message @param {string} [hint] */
export const usageError = (message, hint) => new Failure(EXIT.usage, message, hint);

/** There is no token, or it is refused. @param {string} message @param {string} [hint] */
export const accessError = (message, hint) => new Failure(EXIT.noAccess, message, hint);

/** Something outside of this command is in the way, such as a file. @param {string} message @param {string} [hint] */
export const otherError = (message, hint) => new Failure(EXIT.notAllSuccessful, message, hint);

/** Why the command ends when a signal such as Ctrl-C arrives, or when its output cannot be written any more. */
export class Interrupted extends Error {
  constructor(exitCode = EXIT.interrupted, message = "Stopping") {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The code of an error of Node, such as `ENOENT`. @param {unknown} error */
export const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error)?.code;

/** The message of anything that was thrown. @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? textOf(error.message) : textOf(error) || "an unknown error");
