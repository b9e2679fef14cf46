// The one error class of the package. Not written in Rust because a JavaScript class that extends Error cannot be.

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
