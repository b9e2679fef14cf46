// The objects that leave the package: the one error class, and progress events. In JavaScript because a class that extends Error
// cannot be written in Rust, and because objects with many members are made of few bytes here.

const BRAND = Symbol.for("teams-device-diagnostics.DiagnosticsError");

export class DiagnosticsError extends Error {
  constructor(message, fields, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }

  // For logs: JSON.stringify of an error leaves the message out. The cause stays out: it is not ours to show.
  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}
Object.defineProperty(DiagnosticsError.prototype, "name", { value: "DiagnosticsError" });
Object.defineProperty(DiagnosticsError.prototype, BRAND, { value: true });

// Two copies of the package have two classes, but share the registry of symbols.
export function isDiagnosticsError(error) {
  return error instanceof Error && error[BRAND] === true;
}

export function diagnosticsError(
  message, cause, code, hint, statusCode, graphCode, requestId, clientRequestId, date, retryAfterMs, attempts, deviceId, location,
  operation, mayHaveStarted,
) {
  const fields = {
    code, hint, statusCode, graphCode, requestId, clientRequestId, date, retryAfterMs, attempts, deviceId, location, operation,
    mayHaveStarted,
  };
  return new DiagnosticsError(message, known(fields), cause);
}

export function notify(
  onProgress, type, location, state, status, previousStatus, operation, nextPollInMs, attempt, retryAfterMs, retryAfterFrom,
  statusCode,
) {
  const event = {
    type, location, state, status, previousStatus, operation, nextPollInMs, attempt, retryAfterMs, retryAfterFrom, statusCode,
  };
  onProgress(known(event));
}

// A member that is undefined is left out.
function known(members) {
  for (const name in members) if (members[name] === undefined) delete members[name];
  return members;
}
