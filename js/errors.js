// The one error class, and a guard for it: an entry of its own, which a page can load without the wasm.

const BRAND = Symbol.for("teams-device-diagnostics.DiagnosticsError");

export class DiagnosticsError extends Error {
  /**
   * @param {string} message
   * @param {object} fields
   * @param {unknown} [cause]
   */
  constructor(message, fields, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }

  // For logs: JSON.stringify of an error leaves the message out. The cause stays out: it is not ours to show.
  toJSON() {
    return Object.assign({ name: this.name, message: this.message }, this);
  }
}
// Minifiers rename classes.
Object.defineProperty(DiagnosticsError, "name", { value: "DiagnosticsError" });
Object.defineProperty(DiagnosticsError.prototype, "name", { value: "DiagnosticsError" });
Object.defineProperty(DiagnosticsError.prototype, BRAND, { value: true });

/**
 * Two copies of the package have two classes, and two realms have two of Error, but all share the registry of symbols.
 *
 * @param {any} error
 */
export function isDiagnosticsError(error) {
  try {
    return Object.prototype.toString.call(error) === "[object Error]" && error[BRAND] === true;
  } catch {
    // A proxy or a getter may do anything.
    return false;
  }
}
