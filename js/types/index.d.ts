/**
 * Start diagnostics on a Microsoft Teams device through Microsoft Graph (beta) and wait until the logs are ready.
 *
 * ```ts
 * const location  = await runDiagnostics(token, deviceId);
 * const operation = await waitForOperation(location);
 * ```
 *
 * There is nothing to initialise: the WebAssembly module loads itself on the first call. Every time span is a number of
 * milliseconds. Every option may be left out or undefined.
 *
 * Microsoft says that these calls of Graph are deprecated by November 2025 and not supported after that date.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdevice?view=graph-rest-beta
 * @module teams-device-diagnostics
 */

/**
 * Starts diagnostics on a device: `POST /teamwork/devices/{deviceId}/runDiagnostics`, answered with 202 and a `Location`
 * (RFC 9110, sections 15.3.3 and 10.2.2).
 *
 * Nothing is started twice: the POST is sent again only when Graph said that it did not take it (429, Graph's own 503, 421, 425, or a
 * 401 that a fresh token answers). When its response is lost (none, a time-out, a 5xx, a 202 without a usable `Location`), the run is
 * searched for among the device's operations, and the call resolves to it when it is found. After a gateway's 503 the POST is sent again
 * if the whole list shows that there is no run.
 *
 * @param token a token for Graph, or something that gets one; needs `TeamworkDevice.ReadWrite.All`
 * @param deviceId the `id` of the teamworkDevice: a text of at most 1,024 characters without control characters, and neither
 *   `.` nor `..`
 * @param options limits, cloud, progress, and what to do about a conflict
 * @returns the absolute URL of the operation that was started, for {@link waitForOperation}; it holds no secret
 * @throws {@link DiagnosticsError} with any {@link DiagnosticsErrorCode} but `missingToken`, `operationFailed` and
 *   `operationCancelled`; `mayHaveStarted` says whether a run may be under way all the same
 * @throws the reason of `options.signal` when it is aborted before Graph took the run, after an `abandoned` event where the run may have
 *   started, and what `options.onProgress` throws or rejects with until then; from the 202 on it resolves, whatever either does
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta
 */
export function runDiagnostics(token: TokenSource, deviceId: string, options?: RunOptions | null): Promise<string>;

/**
 * Waits until an operation ended: resolves when it succeeded, rejects when it failed, was cancelled, or cannot be followed.
 *
 * After success the logs are downloaded from the Teams admin center; Graph does not return them.
 *
 * @param location what {@link runDiagnostics} resolved to, `error.location`, or a `Location` as Graph sent it (relative ones
 *   are put under `baseUrl`). It must lie on the origin of `baseUrl` and below its path before the version, else
 *   `untrustedLocation`, and nothing is sent.
 * @param options limits, cloud, progress, how often to poll, and a token if the operation was started elsewhere
 * @returns the operation as Graph sent it when it had succeeded
 * @throws {@link DiagnosticsError} `operationFailed` and `operationCancelled` with the `operation`; every other code means that
 *   the outcome is not known, and `waitForOperation(error.location, { token })` goes on waiting
 * @throws the reason of `options.signal` when it is aborted, and what `options.onProgress` throws or rejects with
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export function waitForOperation(location: string, options?: WaitOptions | null): Promise<TeamworkDeviceOperation>;

/**
 * Polls an operation once, whatever its state.
 *
 * @param location as for {@link waitForOperation}
 * @param options limits, cloud, and a token if the operation was started elsewhere
 * @returns the operation as Graph sent it
 * @throws {@link DiagnosticsError} when the operation cannot be read; a failed operation is an answer, not an error
 * @throws the reason of `options.signal` when it is aborted
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export function getOperation(location: string, options?: GetOptions | null): Promise<TeamworkDeviceOperation>;

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
 * @param deviceId as for {@link runDiagnostics}
 * @param options limits and cloud
 * @returns an iterator for `for await`
 * @throws {@link DiagnosticsError} `protocol` when the pages lead in a circle, `untrustedLocation` when one leads off `baseUrl`
 * @throws the reason of `options.signal` when it is aborted
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta
 */
export function listOperations(
  token: TokenSource,
  deviceId: string,
  options?: RequestOptions | null,
): AsyncIterableIterator<TeamworkDeviceOperation>;

/**
 * The Teams devices of the tenant, in the order in which Graph lists them, which is not documented. Pages are read as they are
 * needed; a device that Graph repeats is given once. Nothing is sent before the first is asked for. The time-outs and retries of
 * the options apply to each page. Nothing else here needs the list: a device id from elsewhere is as good.
 *
 * ```ts
 * for await (const device of listDevices(token)) console.log(device.id, device.deviceType, device.healthStatus);
 * ```
 *
 * @param token needs `TeamworkDevice.Read.All` or `TeamworkDevice.ReadWrite.All`
 * @param options limits and cloud
 * @returns an iterator for `for await`
 * @throws {@link DiagnosticsError} `protocol` when the pages lead in a circle, `untrustedLocation` when one leads off `baseUrl`
 * @throws the reason of `options.signal` when it is aborted
 * @see https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta
 */
export function listDevices(token: TokenSource, options?: RequestOptions | null): AsyncIterableIterator<TeamworkDevice>;

/**
 * Where access tokens come from: the token itself, a function that gets one, or a credential of `@azure/identity`
 * (anything with its `getToken`). Each call asks a function for itself, before every request, so that the answer may depend on
 * who calls; calls side by side ask it side by side. A credential is asked by all calls together, and its token is shared and kept
 * until two minutes before its `expiresOnTimestamp`. After a 401 either is asked once more: with `claims` when Graph sent a claims
 * challenge (continuous access evaluation), each challenge once. `tokenTimeout` bounds each question.
 *
 * A token is sent to the service at `baseUrl` and to no other, and stands in no error, event or log.
 */
export type TokenSource = string | TokenFunction | TokenCredential;

/**
 * A function that returns an access token for the given scopes, without the word `Bearer`.
 * @param request the scopes, and the claims of a challenge
 */
export type TokenFunction = (request: TokenRequest) => string | Promise<string>;

/** What a {@link TokenFunction} is asked for. */
export interface TokenRequest {
  /** The scopes to ask for: the cloud's Graph with `/.default`, such as `["https://graph.microsoft.com/.default"]`. */
  scopes: string[];
  /**
   * The claims that Graph asks for, decoded, to be passed on (MSAL: `claims`); absent in the normal case.
   * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
   */
  claims?: string | undefined;
}

/** The part of `@azure/identity`'s `TokenCredential` that is used here. */
export interface TokenCredential {
  /**
   * Gets an access token.
   * @param scopes as in {@link TokenRequest}
   * @param options `enableCae: true`, and `claims` after a claims challenge
   * @returns the token; `null` is taken for a wrong argument
   */
  getToken(scopes: string[], options?: object): Promise<AccessToken | null>;
}

/** The part of `@azure/identity`'s `AccessToken` that is used here. */
export interface AccessToken {
  /** The token itself, without the word `Bearer`. */
  token: string;
  /** Until when it is good, in milliseconds since the Unix epoch. Without it, a token is asked for before every request. */
  expiresOnTimestamp?: number | undefined;
}

/**
 * The Microsoft cloud that the tenant is in.
 * @see https://learn.microsoft.com/graph/deployments
 */
export type Cloud =
  /** The worldwide service, `https://graph.microsoft.com`. */
  | "global"
  /** US Government L4 (GCC High), `https://graph.microsoft.us`. */
  | "usGovL4"
  /** US Government L5 (DoD), `https://dod-graph.microsoft.us`. */
  | "usGovL5"
  /** China, operated by 21Vianet, `https://microsoftgraph.chinacloudapi.cn`. */
  | "china";

/** Options that every call takes. One of a wrong type or range is an `invalidArgument`, before anything is sent. */
export interface RequestOptions {
  /** The national cloud; default `"global"`. Not together with `baseUrl`. */
  cloud?: Cloud | undefined;
  /**
   * The service root with its version; default `https://graph.microsoft.com/beta`. Must be https (http on a loopback
   * address, for tests). Tokens are sent to this origin, below the path before the
   * version, and nowhere else.
   */
  baseUrl?: string | undefined;
  /** Ends the call at once; it rejects with the signal's own reason. What runs on the device is not stopped by that. */
  signal?: AbortSignal | undefined;
  /** Milliseconds that one HTTP request may take, more than 0; default 30,000. The token is asked for before that. */
  timeout?: number | undefined;
  /**
   * Milliseconds that one question to a function or credential may take, more than 0; default 300,000 (five minutes: a person may
   * have to sign in), `Infinity` for no limit. Then the call rejects with `unauthorized`.
   */
  tokenTimeout?: number | undefined;
  /** Milliseconds that the whole call may take, more than 0; default 3,600,000 (one hour), `Infinity` for no limit. */
  operationTimeout?: number | undefined;
  /**
   * How often one request of a start, a list or a single look is sent again after it failed, a whole number; default 3. A GET is, after
   * whatever says nothing of what was asked: a lost connection, a `timeout`, 408, 421, 423, 425, 429, 5xx but 501 and 505, a redirect
   * (never followed), or another document. The POST that starts a run is only when Graph says that it did not take it. The pause is
   * Graph's `Retry-After` (RFC 9110, section 10.2.3) and never less; without one it is exponential with jitter, up to 30 seconds. In a
   * wait `patience` takes its place.
   * @see https://learn.microsoft.com/graph/throttling
   */
  maxRetries?: number | undefined;
  /**
   * Called with each event while it happens; may be async: a promise that it returns is awaited before the call ends. What it
   * throws or rejects with, the call rejects with. But for `runDiagnostics` once the run has `started` or is `attached` to, and after
   * `abandoned`: then the result stands, and it goes to `globalThis.reportError`, or is an unhandled rejection where there is none.
   * @param event what happened
   */
  onProgress?: ((event: ProgressEvent) => unknown) | undefined;
  /** A replacement for the global `fetch`; default: the global one. Called with the URL as a string and an init. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Options of {@link runDiagnostics}. */
export interface RunOptions extends RequestOptions {
  /**
   * When an operation is already queued for the device (409): `"throw"` (default) rejects with `conflict`, with the queued
   * operation and its location as far as they can be found; `"attach"` resolves to the location of the diagnostics that are
   * already queued, after an `attached` event. Any other kind of operation is never attached to.
   */
  onConflict?: "throw" | "attach" | undefined;
  /**
   * Whether the token source is remembered with the location, so that `waitForOperation(location)` needs no `token`; default true. It
   * is kept in memory until the operation ends. On a server, where whoever knows a location could wait with the token of another user,
   * pass false, and `token` with each wait.
   */
  rememberToken?: boolean | undefined;
}

/** Options of {@link getOperation}. */
export interface GetOptions extends RequestOptions {
  /**
   * Where tokens come from. Default: the source that this operation was started with, as long as it has not ended and the
   * same module instance started it. Needed to go on elsewhere: after a reload, in another process; and where `rememberToken` was false,
   * or different sources started the operation or attached to it (not the same text, function or credential object).
   */
  token?: TokenSource | undefined;
}

/** Options of {@link waitForOperation}. */
export interface WaitOptions extends GetOptions {
  /**
   * Milliseconds between two polls, more than 0; default: adaptive, from 2 seconds to 15 (Graph documents no interval). A longer
   * `Retry-After` of Graph wins.
   */
  pollInterval?: number | undefined;
  /**
   * Milliseconds that a wait goes on without any usable answer, 0 or more; default 300,000 (five minutes), `Infinity` for no limit; with
   * 0 the first failure ends it. Not counted are the time that Graph asked to be left alone, time offline, and time asleep.
   */
  patience?: number | undefined;
}

/** Progress events, discriminated by `type`. */
export type ProgressEvent = StartedEvent | AttachedEvent | StatusEvent | RetryEvent | ThrottledEvent | AbandonedEvent;

/** Graph took the run: it answered 202, or the run was found after the answer had been lost. */
export interface StartedEvent {
  /** Which event this is. */
  type: "started";
  /** The operation's absolute URL. */
  location: string;
  /** The answer was lost, and the run was found among the device's operations: `operation` says who started it, and when. */
  recovered?: true | undefined;
  /** How far it is, where it was found. */
  state?: OperationState | undefined;
  /** Graph's own word for that, where it was found. */
  status?: string | undefined;
  /** The operation as Graph's list shows it, where it was found. */
  operation?: TeamworkDeviceOperation | undefined;
}

/** Diagnostics were already queued for the device and are followed instead (`onConflict: "attach"`). */
export interface AttachedEvent {
  /** Which event this is. */
  type: "attached";
  /** The absolute URL of the operation that was queued. */
  location: string;
  /** How far it is. */
  state: OperationState;
  /** Graph's own word; absent when Graph sent none. */
  status?: string | undefined;
  /** What Graph's list of the device's operations shows: also who queued it, and when. */
  operation: TeamworkDeviceOperation;
}

/** A poll of the operation; one event a poll, also when nothing changed. */
export interface StatusEvent {
  /** Which event this is. */
  type: "status";
  /** The operation's absolute URL. */
  location: string;
  /** How far it is. */
  state: OperationState;
  /** Graph's own word; absent when Graph answered without one. */
  status?: string | undefined;
  /** Graph's word at the poll before; absent at the first. */
  previousStatus?: string | undefined;
  /** What Graph sent; absent when it sent no body. */
  operation?: TeamworkDeviceOperation | undefined;
  /** Milliseconds until the next poll; absent when the operation has ended. */
  nextPollInMs?: number | undefined;
}

/** A request failed and is sent again. */
export interface RetryEvent {
  /** Which event this is. */
  type: "retry";
  /** The operation's absolute URL; absent while the run is being started. */
  location?: string | undefined;
  /** The retry that follows: 1 for the first. */
  attempt: number;
  /** Milliseconds until it is sent. */
  retryAfterMs: number;
  /** Who named the wait: Graph's `Retry-After`, or this client's backoff. */
  retryAfterFrom: "header" | "backoff";
  /** The HTTP status of the failure; absent when there was no answer. */
  statusCode?: number | undefined;
}

/** Graph said 429, slow down: as {@link RetryEvent}. */
export interface ThrottledEvent extends Omit<RetryEvent, "type"> {
  /** Which event this is. */
  type: "throttled";
}

/**
 * The signal fired while the POST of {@link runDiagnostics} was out, or while a run was looked for whose answer was lost: it may have
 * started all the same, and {@link listOperations} shows it. The call rejects with the signal's reason.
 */
export interface AbandonedEvent {
  /** Which event this is. */
  type: "abandoned";
  /** The device that was asked for. */
  deviceId: string;
  /** No location is known. */
  location?: undefined;
}

/**
 * How far an operation is. Derived from Graph's `status` without regard to case, since Microsoft's pages spell it in several
 * ways. Only `successful`, `failed` and `cancelled` end a wait.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export type OperationState =
  /** The device has not taken it yet; an offline device can leave it so for long. */
  | "queued"
  /** The device will run it. */
  | "scheduled"
  /** The device is running it. */
  | "inProgress"
  /** Done: the logs are in the Teams admin center. Also for `succeeded`. */
  | "successful"
  /** Ended without success. */
  | "failed"
  /** Cancelled before it completed. Also for `canceled`. */
  | "cancelled"
  /** Every word that is not documented; it counts as running. */
  | "unknown";

/**
 * An operation on a device, as Graph sent it, plus `state`. Any member of Graph's may be missing.
 * Dates are kept as the text that Graph sent, which is not always ISO 8601.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta
 */
export interface TeamworkDeviceOperation {
  /** Added by this package: how far the operation is. */
  state: OperationState;
  /** Identifies the operation among those of its device. */
  id?: string | undefined;
  /**
   * `deviceRestart`, `configUpdate`, `deviceDiagnostics`, `softwareUpdate`, `deviceManagementAgentConfigUpdate`, `remoteLogin`,
   * `remoteLogout`, or a word that was added later.
   */
  operationType?: string | undefined;
  /** Graph's own word, for example `Queued`, `Scheduled`, `InProgress`, `Successful`, `Cancelled`, `Failed`. */
  status?: string | undefined;
  /** When it was queued. */
  createdDateTime?: string | null | undefined;
  /** When the device began. */
  startedDateTime?: string | null | undefined;
  /** When anything was last done to it. */
  lastActionDateTime?: string | null | undefined;
  /** When it ended. */
  completedDateTime?: string | null | undefined;
  /** Who queued it. */
  createdBy?: IdentitySet | null | undefined;
  /** Who did something to it last. */
  lastActionBy?: IdentitySet | null | undefined;
  /** Filled on success too, in Microsoft's own example: only `status` says whether the operation failed. */
  error?: OperationError | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * Why an operation ended as it did, in Graph's words.
 * @see https://learn.microsoft.com/graph/api/resources/operationerror?view=graph-rest-beta
 */
export interface OperationError {
  /** Machine-readable code. */
  code?: string | null | undefined;
  /** Human-readable message. */
  message?: string | null | undefined;
}

/**
 * Who did something: an application, a device, or a user.
 * @see https://learn.microsoft.com/graph/api/resources/identityset?view=graph-rest-beta
 */
export interface IdentitySet {
  /** The application that did it. */
  application?: Identity | null | undefined;
  /** The device that did it. */
  device?: Identity | null | undefined;
  /** The person who did it. */
  user?: Identity | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * One of an {@link IdentitySet}.
 * @see https://learn.microsoft.com/graph/api/resources/identity?view=graph-rest-beta
 */
export interface Identity {
  /** Identifies it in the tenant. */
  id?: string | null | undefined;
  /** Its name for people, which may be out of date. */
  displayName?: string | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * A Teams device, as Graph sent it. Any member may be missing. Words are Graph's own: their case varies between Microsoft's pages,
 * and words are added over time. Health and activity can be ten minutes old and older.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkdevice?view=graph-rest-beta
 */
export interface TeamworkDevice {
  /** Identifies the device: the `deviceId` of {@link runDiagnostics}. */
  id?: string | undefined;
  /**
   * `ipPhone`, `teamsRoom`, `surfaceHub`, `collaborationBar`, `teamsDisplay`, `touchConsole`, `lowCostPhone`, `teamsPanel`, `sip`,
   * `sipAnalog`, `unknown`, or a word that was added later.
   */
  deviceType?: string | null | undefined;
  /** `healthy`, `nonUrgent`, `critical`, `offline`, `unknown`, or a word that was added later. */
  healthStatus?: string | null | undefined;
  /** `idle`, `busy`, `unavailable`, `unknown`, or a word that was added later. */
  activityState?: string | null | undefined;
  /** What somebody noted about the device. */
  notes?: string | null | undefined;
  /** The organisation's own number for it. */
  companyAssetTag?: string | null | undefined;
  /** The maker's numbers and names. */
  hardwareDetail?: HardwareDetail | null | undefined;
  /** Who is signed in on it. */
  currentUser?: Identity | null | undefined;
  /** When it was enrolled. */
  createdDateTime?: string | null | undefined;
  /** Who enrolled it. */
  createdBy?: IdentitySet | null | undefined;
  /** When anything of it last changed. */
  lastModifiedDateTime?: string | null | undefined;
  /** Who changed it last. */
  lastModifiedBy?: IdentitySet | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/**
 * What a device is made of.
 * @see https://learn.microsoft.com/graph/api/resources/teamworkhardwaredetail?view=graph-rest-beta
 */
export interface HardwareDetail {
  /** The maker's number of this one device. */
  serialNumber?: string | null | undefined;
  /** Identifies the hardware. */
  uniqueId?: string | null | undefined;
  /** Its network addresses. */
  macAddresses?: string[] | null | undefined;
  /** The maker's name. */
  manufacturer?: string | null | undefined;
  /** The maker's name of the model. */
  model?: string | null | undefined;
  /** Whatever else Graph sent. */
  [property: string]: unknown;
}

/** What went wrong: `code` of a {@link DiagnosticsError}. The README says what to do about each. */
export type DiagnosticsErrorCode =
  /** An argument or option is wrong; the message names it. Also a token source that gave no usable token. */
  | "invalidArgument"
  /** No token is known for this location, or more than one source is; nothing was sent. */
  | "missingToken"
  /**
   * 401, also after a fresh token was asked for; or the token source failed, and its error is `cause`, or did not answer within
   * `tokenTimeout`.
   */
  | "unauthorized"
  /** 403: consent, a role or a licence is missing, or it is the wrong kind of permission (delegated, application). */
  | "forbidden"
  /** 404 or 410: no such device or operation, or the API was withdrawn. */
  | "notFound"
  /** 409: an operation is already queued for the device; `operation` and `location` are that one, if it was found. */
  | "conflict"
  /** 429, also after the retries. */
  | "throttled"
  /** Any other HTTP status that is not a success, after the retries where there are any. */
  | "serviceError"
  /** No answer: connection lost, name not resolved, blocked by CORS or CSP. `cause` is what `fetch` threw. */
  | "network"
  /** One request took longer than `timeout`, also after the retries. */
  | "timeout"
  /** The call took longer than `operationTimeout`, or a wait that Graph asks for would. The outcome is not known. */
  | "operationTimeout"
  /** The operation ended `Failed`; `operation` says what Graph knows. */
  | "operationFailed"
  /** The operation ended `Cancelled`. */
  | "operationCancelled"
  /** Graph's answer cannot be used: no `Location` and no such run in the list, no JSON, no `status`, endless pages. */
  | "protocol"
  /** A `Location`, next page or redirect leads away from the service at `baseUrl`; nothing was sent there. */
  | "untrustedLocation"
  /** A defect of this package: its wasm trapped, and `cause` says how. Calls after it work. */
  | "internal"
  /** There is no WebAssembly where this runs: Lockdown Mode, `node --jitless`, React Native. Nothing was sent. */
  | "wasmUnsupported"
  /** A Content-Security-Policy forbids WebAssembly: `script-src` lacks `'wasm-unsafe-eval'`. Nothing was sent. */
  | "wasmForbidden"
  /** The wasm was not fetched, is damaged, or `init` was not called. `cause` says what failed; nothing was sent. */
  | "wasmNotLoaded";

/** The one error class of this package. It never holds a token. Fields that do not apply are absent. */
export class DiagnosticsError extends Error {
  private constructor();
  /** Says which class this is, also in logs. */
  readonly name: "DiagnosticsError";
  /** What went wrong. */
  readonly code: DiagnosticsErrorCode;
  /** What to do about it, for an administrator to read; absent with `invalidArgument`, whose message says it. */
  readonly hint?: string | undefined;
  /** The HTTP status of the last answer. */
  readonly statusCode?: number | undefined;
  /**
   * Graph's `error.code`, or the `error.code` of the failed operation.
   * @see https://learn.microsoft.com/graph/errors
   */
  readonly graphCode?: string | undefined;
  /** Graph's `request-id` of the last answer: Microsoft's support asks for it. */
  readonly requestId?: string | undefined;
  /** The GUID that was sent as `client-request-id` with the last request. */
  readonly clientRequestId?: string | undefined;
  /** When Graph answered, as it sent it. Pages cannot read it (CORS) unless it stands in the body. */
  readonly date?: string | undefined;
  /** Milliseconds that Graph asked to wait (`Retry-After`). */
  readonly retryAfterMs?: number | undefined;
  /** How often the last request was sent. */
  readonly attempts?: number | undefined;
  /** The device that was asked for. */
  readonly deviceId?: string | undefined;
  /**
   * The operation's absolute URL, on every error after the 202: `waitForOperation(error.location, { token })` goes on.
   * With `conflict` it is that of the operation that is queued. With `untrustedLocation` it is what was refused, as it was written;
   * with `internal` it may be as Graph wrote it, which `waitForOperation` takes too.
   */
  readonly location?: string | undefined;
  /** The operation as last seen. */
  readonly operation?: TeamworkDeviceOperation | undefined;
  /** The run may be under way on the device although the call failed: check before starting another. */
  readonly mayHaveStarted: boolean;
  /** What lies beneath: the error of `fetch`, of the token source or of `WebAssembly`, or the trap. */
  readonly cause?: unknown;
  /**
   * What `JSON.stringify` writes, for logs: name, message and every field but `cause`, which is not this package's to show.
   * @returns a plain object
   */
  toJSON(): Record<string, unknown>;
}

/**
 * Whether `error` is a {@link DiagnosticsError}, also one of another copy of this package or of another realm (an iframe, a
 * `node:vm` context), where `instanceof` fails. It never throws.
 * @param error anything that was caught
 */
export function isDiagnosticsError(error: unknown): error is DiagnosticsError;
