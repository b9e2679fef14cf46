// The only error class and its type guard: an entry of its own, which a page can load without the wasm.

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

  // JSON.stringify leaves out the message of an error. The cause is left out on purpose: it may contain anything.
  toJSON() {
    return Object.assign({ name: this.name, message: this.message }, this);
  }
}
// Set explicitly, because minifiers rename classes.
Object.defineProperty(DiagnosticsError, "name", { value: "DiagnosticsError" });
Object.defineProperty(DiagnosticsError.prototype, "name", { value: "DiagnosticsError" });
Object.defineProperty(DiagnosticsError.prototype, BRAND, { value: true });

/**
 * Recognises errors by a symbol of the global registry, because two copies of the package have different classes, and two realms have
 * different `Error` classes.
 *
 * @param {any} error
 */
export function isDiagnosticsError(error) {
  try {
    return Object.prototype.toString.call(error) === "[object Error]" && error[BRAND] === true;
  } catch {
    // Proxies and getters may throw.
    return false;
  }
}
