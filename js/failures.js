// What a call rejects with: the failure that the wasm reports, a trap of the wasm, or why the wasm could not be loaded.
import { DiagnosticsError } from "./errors.js";
import { member } from "../src/bindings/host.js";
import { redacted } from "../src/bindings/redaction.js";

/** @typedef {{ token?: unknown, deviceId?: unknown, location?: unknown, mayHaveStarted?: boolean }} Facts what is known of a call without its instance */

/** A trap. It ends an instance and all its calls. */
export class Trap {
  /** @param {unknown} cause */
  constructor(cause) {
    this.cause = cause;
  }
}

const INTERNAL = {
  message: "A defect of teams-device-diagnostics ended this call",
  code: "internal",
  hint: "Report it, with `cause`. A run on the device continues.",
};

const UNSUPPORTED = {
  message: "WebAssembly is not available here",
  code: "wasmUnsupported",
  hint: "Lockdown Mode, node --jitless and React Native lack it: make an exception for this site, omit the flag, or call from a server.",
};

const FORBIDDEN = {
  message: "WebAssembly is not allowed here",
  code: "wasmForbidden",
  hint: "Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy. Edge runtimes take the package's entry for workerd.",
};

const NOT_LOADED = {
  message: "The WebAssembly was not loaded",
  code: "wasmNotLoaded",
  hint: "See `cause`. The file must be complete and of the same version as the code. Then call again.",
};

/** Why no instance could be created: the members of a DiagnosticsError. */
export class LoadFailure {
  /** @param {{ message?: string, hint?: string }} own what differs from `NOT_LOADED` @param {unknown} [cause] */
  constructor(own, cause) {
    Object.assign(this, NOT_LOADED, own);
    this.cause = cause;
  }
}

/** Classifies the failure of a load. @param {unknown} cause */
export const toLoadFailure = (cause) => (cause instanceof LoadFailure ? cause : new LoadFailure(refusal(), cause));

// Finds out why WebAssembly fails with the smallest module. If a policy forbids it, the class of the error depends on the engine.
function refusal() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    return {};
  } catch (error) {
    return /CompileError|EvalError|Policy|CSP/.test(String(error)) ? FORBIDDEN : UNSUPPORTED;
  }
}

// The wasm rejects with the members of a DiagnosticsError, or with an array around an error of the caller's own code.
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

/**
 * The arguments to put into the error. They are unchecked: a token may have been passed in their place.
 *
 * @param {object} given @param {unknown} token
 */
const shown = (given, token) => Object.fromEntries(Object.entries(given).filter(([, value]) => isShown(value, token)));

// Whether the value has a length that the wasm allows, and contains no token.
/** @param {unknown} value @param {unknown} token */
export const isShown = (value, token) =>
  typeof value === "string" && value.length <= 1_024 && !JWT.test(value) && !isIn(value.trim(), token);

const JWT = /eyJ[\w-]*(?:\.|%2e)[\w-]*(?:\.|%2e)/i;

/** Whether a text contains the token, if there is one. @param {string} text @param {unknown} token */
const isIn = (text, token) => typeof token === "string" && /[^\s=]/.test(token) && redacted(text, token.trim()) !== text;
