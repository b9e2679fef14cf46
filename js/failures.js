// What a call rejects with: what the wasm says of a failure, and why there is no wasm that could.
import { DiagnosticsError } from "./errors.js";
import { member } from "../src/bindings/host.js";
import { redacted } from "../src/bindings/redaction.js";

/** @typedef {{ token?: unknown, deviceId?: unknown, location?: unknown, mayHaveStarted?: boolean }} Facts what is known of a call without its instance */

/** The end of an instance, and of all its calls. */
export class Trap {
  /** @param {unknown} cause */
  constructor(cause) {
    this.cause = cause;
  }
}

const INTERNAL = {
  message: "A defect of teams-device-diagnostics ended this call",
  code: "internal",
  hint: "Report it, with the cause. What runs on the device goes on.",
};

const UNSUPPORTED = {
  message: "There is no WebAssembly here",
  code: "wasmUnsupported",
  hint: "Lockdown Mode, node --jitless and React Native have none: except this site, leave out the flag, or call from a server.",
};

const FORBIDDEN = {
  message: "WebAssembly is not allowed here",
  code: "wasmForbidden",
  hint: "Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy. Edge runtimes take the package's entry for workerd.",
};

const NOT_LOADED = {
  message: "The wasm was not loaded",
  code: "wasmNotLoaded",
  hint: "See the cause. The file must be whole, and of the same version as the code; then call again.",
};

/** Why no instance could be made: members of a DiagnosticsError. */
export class LoadFailure {
  /** @param {{ message?: string, hint?: string }} own what differs from a wasm that was not loaded @param {unknown} [cause] */
  constructor(own, cause) {
    Object.assign(this, NOT_LOADED, own);
    this.cause = cause;
  }
}

/** What a load failed with, told as what it means. @param {unknown} cause */
export const toLoadFailure = (cause) => (cause instanceof LoadFailure ? cause : new LoadFailure(refusal(), cause));

// The smallest module is refused as any other is: with an error of another class in each engine where a policy forbids it.
function refusal() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    return {};
  } catch (error) {
    return /CompileError|EvalError|Policy|CSP/.test(String(error)) ? FORBIDDEN : UNSUPPORTED;
  }
}

// The wasm rejects with the members of a DiagnosticsError, or with an array around what the caller's own code threw.
/** @param {any} failure @param {Facts} facts @param {unknown} [options] */
export function toError(failure, facts, options) {
  if (Array.isArray(failure)) return failure[0];
  if (failure instanceof Error) return failure;
  const { message, cause, ...fields } = membersOf(failure, { token: member(options, "token"), ...facts });
  return new DiagnosticsError(message, fields, cause);
}

/** @param {any} failure @param {Facts} facts */
function membersOf(failure, { token, mayHaveStarted = false, ...given }) {
  if (failure instanceof Trap) return { ...INTERNAL, ...shown(given, token), mayHaveStarted, cause: failure.cause };
  if (failure instanceof LoadFailure) return { ...failure, ...shown(given, token), mayHaveStarted: false };
  return failure;
}

/** Of arguments that nobody has checked: those that are no token which was passed in their place. @param {object} given @param {unknown} token */
const shown = (given, token) => Object.fromEntries(Object.entries(given).filter(([, value]) => isShown(value, token)));

// As long as the wasm allows, and with no token in it.
/** @param {unknown} value @param {unknown} token */
const isShown = (value, token) => typeof value === "string" && value.length <= 1_024 && !JWT.test(value) && !isIn(value.trim(), token);

const JWT = /eyJ[\w-]*(?:\.|%2e)[\w-]*(?:\.|%2e)/i;

/** Whether there is a token, and it is in a text. @param {string} text @param {unknown} token */
const isIn = (text, token) => typeof token === "string" && /[^\s=]/.test(token) && redacted(text, token.trim()) !== text;
