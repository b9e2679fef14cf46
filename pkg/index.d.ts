/**
 * Start diagnostics on a Microsoft Teams device through Microsoft Graph (beta) and wait until the logs are ready.
 *
 * ```ts
 * const location  = await runDiagnostics(token, deviceId);
 * const operation = await waitForOperation(location);
 * ```
 *
 * There is nothing to initialise: the WebAssembly module loads itself on the first call.
 * @packageDocumentation
 */

/**
 * Starts diagnostics on a device: `POST /teamwork/devices/{deviceId}/runDiagnostics`.
 *
 * Nothing is started twice: the POST is sent again only when Graph said that it did not take it (429, 503, or a 401 that a
 * fresh token answers). When its answer is lost (no answer, a time-out, a 5xx, a 202 without `Location`), the run is looked
 * for among the device's operations and resolved to when it is found.
 *
 * @param token a token for Graph, or something that gets one; needs `TeamworkDevice.ReadWrite.All`
 * @param deviceId the `id` of the teamworkDevice: any non-empty string without control characters
 * @returns the absolute URL of the operation that was started, for {@link waitForOperation}
 * @throws {DiagnosticsError} see {@link DiagnosticsErrorCode}; `mayHaveStarted` says whether a run may be under way all the same
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta
 */
export function runDiagnostics(token: TokenSource, deviceId: string, options?: RunOptions): Promise<string>;

/**
 * Waits until an operation ended: resolves when it succeeded, rejects when it failed, was cancelled, or cannot be followed.
 *
 * After success the logs are downloaded from the Teams admin center; Graph does not return them.
 *
 * @param location what {@link runDiagnostics} resolved to, `error.location`, or a `Location` as Graph sent it (relative ones
 *   are put under `baseUrl`). It must lie on the origin of `baseUrl`, else `untrustedLocation`, and nothing is sent.
 * @throws {DiagnosticsError} `operationFailed` and `operationCancelled` with the `operation`; every other code means that the
 *   outcome is not known, and `waitForOperation(error.location, { token })` goes on waiting
 */
export function waitForOperation(location: string, options?: WaitOptions): Promise<TeamworkDeviceOperation>;

/**
 * Looks at an operation once, whatever its state.
 *
 * @param location as for {@link waitForOperation}
 * @throws {DiagnosticsError} when the operation cannot be read; a failed operation is an answer, not an error
 */
export function getOperation(location: string, options?: GetOptions): Promise<TeamworkDeviceOperation>;

/**
 * The operations of a device, whatever they do (diagnostics, restarts, updates), in the order in which Graph lists them, which
 * is not documented. Pages are read as they are needed; an operation that Graph repeats is given once. Nothing is sent before
 * the first is asked for. The time-outs and retries of the options apply to each page.
 *
 * ```ts
 * for await (const operation of listOperations(token, deviceId)) console.log(operation.operationType, operation.state);
 * ```
 *
 * @param token needs `TeamworkDevice.Read.All` or `TeamworkDevice.ReadWrite.All`
 * @throws {DiagnosticsError} `protocol` when the pages lead in a circle, `untrustedLocation` when one leads off `baseUrl`
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta
 */
export function listOperations(
  token: TokenSource,
  deviceId: string,
  options?: RequestOptions,
): AsyncIterableIterator<TeamworkDeviceOperation>;

/**
 * Where access tokens come from: the token itself, a function that gets one, or a credential of `@azure/identity`
 * (anything with its `getToken`). Functions and credentials are asked for every request, one call at a time; a credential's
 * token is used until two minutes before its `expiresOnTimestamp`. After a 401 they are asked once more: with `claims` when
 * Graph sent a claims challenge (continuous access evaluation), each challenge once.
 */
export type TokenSource = string | TokenFunction | TokenCredential;

/** A function that returns an access token for the given scopes, without the word `Bearer`. */
export type TokenFunction = (request: TokenRequest) => string | Promise<string>;

/** What a {@link TokenFunction} is asked for. */
export interface TokenRequest {
  /** The scopes to ask for, such as `["https://graph.microsoft.com/.default"]`. */
  scopes: string[];
  /**
   * The claims that Graph asks for, decoded, to be passed on (MSAL: `claims`); absent in the normal case.
   * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
   */
  claims?: string;
}

/** The part of `@azure/identity`'s `TokenCredential` that is used here. */
export interface TokenCredential {
  getToken(scopes: string[], options?: object): Promise<{ token: string; expiresOnTimestamp?: number } | null>;
}

/** The Microsoft cloud that the tenant is in. @see https://learn.microsoft.com/graph/deployments */
export type Cloud = "global" | "usGovL4" | "usGovL5" | "china";

/** Options that every call takes. */
export interface RequestOptions {
  /** The national cloud; default `"global"`. Not together with `baseUrl`. */
  cloud?: Cloud;
  /**
   * The service root with its version; default `https://graph.microsoft.com/beta`. Must be https (http on a loopback
   * address, for tests). Tokens are sent to this origin and to no other.
   */
  baseUrl?: string;
  /** Ends the call at once; it rejects with the signal's own reason. What runs on the device is not stopped by that. */
  signal?: AbortSignal;
  /** Milliseconds that one HTTP request may take; default 30,000. */
  timeout?: number;
  /** Milliseconds that the whole call may take; default 3,600,000 (one hour), `Infinity` for no limit. */
  operationTimeout?: number;
  /** How often one request is sent again after it failed; default 3. */
  maxRetries?: number;
  /** Called with each event while it happens. What it throws, the call rejects with. */
  onProgress?: (event: ProgressEvent) => void;
  /** A replacement for the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** Options of {@link runDiagnostics}. */
export interface RunOptions extends RequestOptions {
  /**
   * When an operation is already queued for the device (409): `"throw"` (default) rejects with `conflict`, with the queued
   * operation and its location as far as they can be found; `"attach"` resolves to the location of the diagnostics that are
   * already queued, after an `attached` event. Any other kind of operation is never attached to.
   */
  onConflict?: "throw" | "attach";
}

/** Options of {@link getOperation}. */
export interface GetOptions extends RequestOptions {
  /**
   * Where tokens come from. Default: the source that this operation was started with, as long as it has not ended and the
   * same module instance started it. Needed to go on elsewhere: after a reload, in another process.
   */
  token?: TokenSource;
}

/** Options of {@link waitForOperation}. */
export interface WaitOptions extends GetOptions {
  /** Milliseconds between two looks; default: adaptive, from 2 seconds to 15. A longer `Retry-After` of Graph wins. */
  pollInterval?: number;
}

/** What happens during a call, told as it happens. */
export type ProgressEvent = StartedEvent | AttachedEvent | StatusEvent | RetryEvent | ThrottledEvent;

/** Graph took the run: it answered 202, or the run was found after the answer had been lost. */
export interface StartedEvent {
  type: "started";
  /** The operation's absolute URL. */
  location: string;
}

/** Diagnostics were already queued for the device and are followed instead (`onConflict: "attach"`). */
export interface AttachedEvent {
  type: "attached";
  /** The absolute URL of the operation that was queued. */
  location: string;
  state: OperationState;
  /** Graph's own word. */
  status?: string;
  /** What Graph's list of the device's operations shows: also who queued it, and when. */
  operation: TeamworkDeviceOperation;
}

/** A look at the operation; one event a look, also when nothing changed. */
export interface StatusEvent {
  type: "status";
  location: string;
  state: OperationState;
  /** Graph's own word; absent when Graph answered without one. */
  status?: string;
  /** Graph's word at the look before; absent at the first. */
  previousStatus?: string;
  /** What Graph sent; absent when it sent no body. */
  operation?: TeamworkDeviceOperation;
  /** Milliseconds until the next look; absent when the operation has ended. */
  nextPollInMs?: number;
}

/** A request failed and is sent again. */
export interface RetryEvent {
  type: "retry";
  /** Absent while the run is being started. */
  location?: string;
  /** The retry that follows: 1 for the first. */
  attempt: number;
  /** Milliseconds until it is sent. */
  retryAfterMs: number;
  /** Who named the wait: Graph's `Retry-After`, or this client's backoff. */
  retryAfterFrom: "header" | "backoff";
  /** The HTTP status of the failure; absent when there was no answer. */
  statusCode?: number;
}

/** Graph said 429, slow down: as {@link RetryEvent}. */
export interface ThrottledEvent extends Omit<RetryEvent, "type"> {
  type: "throttled";
}

/**
 * How far an operation is. Derived from Graph's `status` without regard to case; `successful` and `succeeded` are one state,
 * as are `cancelled` and `canceled`. `unknown` is every word that is not documented; it counts as running.
 */
export type OperationState = "queued" | "scheduled" | "inProgress" | "successful" | "failed" | "cancelled" | "unknown";

/**
 * An operation on a device, as Graph sent it, plus `state`.
 * Dates are kept as the text that Graph sent, which is not always ISO 8601.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export interface TeamworkDeviceOperation {
  /** Added by this package. */
  state: OperationState;
  id?: string;
  /** For example `deviceDiagnostics`. */
  operationType?: string;
  /** Graph's own word, for example `Queued`, `InProgress`, `Successful`. */
  status?: string;
  createdDateTime?: string | null;
  startedDateTime?: string | null;
  lastActionDateTime?: string | null;
  completedDateTime?: string | null;
  createdBy?: IdentitySet | null;
  lastActionBy?: IdentitySet | null;
  /** Filled on success too, in Microsoft's own example: only `status` says whether the operation failed. */
  error?: { code?: string | null; message?: string | null } | null;
  [property: string]: unknown;
}

/** Who did something: an application, a device, or a user. */
export interface IdentitySet {
  application?: Identity | null;
  device?: Identity | null;
  user?: Identity | null;
  [property: string]: unknown;
}

/** One of an {@link IdentitySet}. */
export interface Identity {
  id?: string | null;
  displayName?: string | null;
  [property: string]: unknown;
}

/**
 * What went wrong.
 *
 * | code | meaning |
 * |---|---|
 * | `invalidArgument` | an argument or option is wrong; the message names it; nothing was sent |
 * | `missingToken` | no token is known for this location; nothing was sent |
 * | `unauthorized` | 401, or the token source failed (its error is `cause`) |
 * | `forbidden` | 403: consent or a role is missing |
 * | `notFound` | 404 or 410: no such device or operation, or the API was withdrawn |
 * | `conflict` | 409: an operation is already queued for the device; `operation` and `location` are that one, if it was found |
 * | `throttled` | 429, also after the retries |
 * | `serviceError` | any other HTTP status that is not a success |
 * | `network` | no answer: connection lost, name not resolved, blocked by CORS or CSP |
 * | `timeout` | one request took longer than `timeout` |
 * | `operationTimeout` | the call would take longer than `operationTimeout` |
 * | `operationFailed` | the operation ended `Failed` |
 * | `operationCancelled` | the operation ended `Cancelled` |
 * | `protocol` | Graph's answer cannot be used: no readable `Location` and no such run in the list, no JSON, no `status`, endless pages |
 * | `untrustedLocation` | a `Location` or redirect leads off the origin of `baseUrl`; nothing was sent there |
 */
export type DiagnosticsErrorCode =
  | "invalidArgument" | "missingToken" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "throttled" | "serviceError"
  | "network" | "timeout" | "operationTimeout" | "operationFailed" | "operationCancelled" | "protocol" | "untrustedLocation";

/** The one error class of this package. It never holds a token. */
export class DiagnosticsError extends Error {
  private constructor();
  readonly name: "DiagnosticsError";
  readonly code: DiagnosticsErrorCode;
  /** What to do about it, for an administrator to read. */
  readonly hint?: string;
  /** The HTTP status of the last answer. */
  readonly statusCode?: number;
  /** Graph's `error.code`, or the `error.code` of the failed operation. */
  readonly graphCode?: string;
  /** Graph's `request-id` of the last answer: Microsoft's support asks for it. */
  readonly requestId?: string;
  /** The GUID that was sent as `client-request-id` with the last request. */
  readonly clientRequestId?: string;
  /** When Graph answered, as it sent it. */
  readonly date?: string;
  /** Milliseconds that Graph asked to wait. */
  readonly retryAfterMs?: number;
  /** How often the last request was sent. */
  readonly attempts?: number;
  readonly deviceId?: string;
  /**
   * The operation's absolute URL, on every error after the 202: `waitForOperation(error.location, { token })` goes on.
   * With `conflict` it is that of the operation that is queued. With `untrustedLocation` it is what was refused, as it was written.
   */
  readonly location?: string;
  /** The operation as last seen. */
  readonly operation?: TeamworkDeviceOperation;
  /** The run may be under way on the device although the call failed: look before starting another. */
  readonly mayHaveStarted: boolean;
  /** What lies beneath: the error of `fetch` or of the token source. */
  readonly cause?: unknown;
}

/** Whether `error` is a {@link DiagnosticsError}, also one of another copy of this package. */
export function isDiagnosticsError(error: unknown): error is DiagnosticsError;
